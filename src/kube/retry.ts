import { isUnreachable, type KubeError } from './errors.ts';

const attempts = 5;

/** Codes of sockets that broke; the request may have been carried out. */
const broken = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/**
 * Milliseconds to wait before the same request is sent again, or undefined where it must not be.
 * 429 and 503 with Retry-After mean that the server has not begun, so everything may be repeated; after a broken
 * connection only what is idempotent. `attempt` counts from 1.
 */
export function retryDelay(
  error: KubeError,
  { method, attempt, random }: { method: string; attempt: number; random: () => number },
): number | undefined {
  if (attempt >= attempts) return undefined;
  const jitter = 1 + random();
  if (error.status === 429 || error.status === 503) {
    return error.retryAfterSeconds === undefined ? undefined : Math.max(error.retryAfterSeconds * 1000, 50) * jitter;
  }
  if (!isUnreachable(error)) return undefined;
  const { code = '' } = (error.cause ?? {}) as { code?: string };
  const mayRepeat = code === 'ECONNREFUSED' || (broken.has(code) && method !== 'POST');
  return mayRepeat ? 50 * 2 ** attempt * jitter : undefined;
}
