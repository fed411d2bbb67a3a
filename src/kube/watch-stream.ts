import type { IncomingMessage } from 'node:http';
import type { Clock } from './clock.ts';
import { errorOfStatus, KubeError, type Status } from './errors.ts';

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  /** Of a BOOKMARK only `metadata.resourceVersion` is there. */
  readonly object: T;
}

export interface StreamOptions {
  readonly clock: Clock;
  /** Ends the stream with an error when no byte has come for so long. */
  readonly idleTimeoutMs: number;
  readonly onBytes?: (() => void) | undefined;
}

/**
 * The events of an open watch. Ends where the server ends it, and throws a KubeError for an ERROR event (410 Expired
 * comes this way, under HTTP status 200), for silence, and for a stream that breaks off.
 */
export async function* eventsOf<T>(response: IncomingMessage, options: StreamOptions): AsyncGenerator<WatchEvent<T>> {
  for await (const line of linesOf(lively(response, options))) {
    const event = JSON.parse(line) as { type: string; object: T };
    if (event.type === 'ERROR') throw errorOfStatus(event.object as Status, 500);
    yield event as WatchEvent<T>;
  }
}

async function* lively(response: IncomingMessage, { clock, idleTimeoutMs, onBytes }: StreamOptions) {
  const stall = () => {
    const text = `the watch was silent for ${idleTimeoutMs / 1000} s`;
    response.destroy(new KubeError({ status: 0, reason: 'Unreachable', text }));
  };
  let cancel = clock.after(idleTimeoutMs, stall);
  try {
    for await (const chunk of response) {
      cancel();
      cancel = clock.after(idleTimeoutMs, stall);
      onBytes?.();
      yield chunk as Buffer;
    }
  } finally {
    cancel();
  }
}

/** Cuts at line feeds before decoding, so that a chunk may end in the middle of a character. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  for await (let chunk of chunks) {
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10)) {
      parts.push(chunk.subarray(0, end));
      const line = Buffer.concat(parts).toString('utf8');
      if (line.trim()) yield line;
      parts = [];
      chunk = chunk.subarray(end + 1);
    }
    if (chunk.length > 0) parts.push(chunk);
  }
  if (parts.length > 0)
    throw new KubeError({ status: 0, reason: 'Unreachable', text: 'the watch ended within a line' });
}
