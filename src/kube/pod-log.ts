import type { Client } from './client.ts';
import { type ObjectRef, pathOf, pods } from './resources.ts';

export interface PodLogOptions {
  readonly container: string;
  /** Goes on until the container ends. */
  readonly follow?: boolean | undefined;
  /** RFC 3339; the API server looks at whole seconds of it. */
  readonly sinceTime?: string | undefined;
  readonly tailLines?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface LogLine {
  /** RFC 3339 with up to nine digits of the second. */
  readonly time: string;
  readonly text: string;
}

/** A kubelet answers nothing at all before the first line, which may be long in coming. */
const patienceMs = 24 * 3_600_000;

/** The log of a container. Ends with the container, or where the connection breaks off; throws a KubeError where it has none. */
export async function* podLog(
  client: Pick<Client, 'stream'>,
  ref: ObjectRef,
  { signal, ...options }: PodLogOptions,
): AsyncGenerator<LogLine> {
  const query = Object.entries({ ...options, timestamps: true }).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(query.map(([key, value]): [string, string] => [key, `${value}`]));
  const patience = options.follow ? { timeoutMs: patienceMs } : {};
  const response = await client.stream(`${pathOf(pods, ref)}/log?${search}`, {
    ...patience,
    ...(signal && { signal }),
  });
  try {
    for await (const line of logLines(response)) yield line;
  } catch (error) {
    // The connection broke off: whoever follows begins again where this ended.
    if (!options.follow || signal?.aborted) throw error;
  } finally {
    response.destroy();
  }
}

/** Cut at line feeds before decoding, so that a chunk may end in the middle of a character. */
export async function* logLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<LogLine> {
  let parts: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield lineOf([...parts, chunk.subarray(start, end)]);
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  if (parts.length > 0) yield lineOf(parts);
}

function lineOf(parts: readonly Buffer[]): LogLine {
  const line = Buffer.concat(parts).toString('utf8').replace(/\r$/, '');
  const blank = line.indexOf(' ');
  return blank < 0 ? { time: line, text: '' } : { time: line.slice(0, blank), text: line.slice(blank + 1) };
}
