import { errorOfStatus, KubeError } from './errors.ts';

/** A web socket that was not opened; of the answer no more is known than its number. */
export function refusedStream(what: string, pod: string, error: unknown): KubeError {
  const { message = '' } = error as { message?: string };
  const status = Number(/server response: (\d{3})/.exec(message)?.[1] ?? 0);
  if (status > 0) return errorOfStatus({ message: `${what} of pod ${pod} was refused` }, status);
  const text = `no connection for ${what} of pod ${pod} (${message || 'unknown reason'})`;
  return new KubeError({ status: 0, reason: 'Unreachable', text, cause: error });
}

/** A stream that ended before what was asked for was over. */
export function brokenOff(pod: string): KubeError {
  const text = `the connection to pod ${pod} broke off: it has gone, or the network has`;
  return new KubeError({ status: 0, reason: 'Unreachable', text });
}
