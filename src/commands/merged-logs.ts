import type { LogLine } from '../kube/pod-log.ts';
import { sortable } from './log-time.ts';

/** A line, and where it is from. */
export interface SourcedLine<Source> extends LogLine {
  readonly source: Source;
}

/** Several logs as one, by time. Of each no more than a line is held, however long they are. */
export async function* mergedLogs<Source>(
  logs: readonly { readonly source: Source; readonly lines: AsyncIterator<LogLine> }[],
): AsyncGenerator<SourcedLine<Source>> {
  const next = async ({ source, lines }: (typeof logs)[number]) => {
    const { done, value } = await lines.next();
    return done ? undefined : { source, lines, line: value, at: sortable(value.time) };
  };
  let heads = (await Promise.all(logs.map(next))).filter((head) => head !== undefined);
  while (heads.length > 0) {
    const first = heads.reduce((a, b) => (b.at < a.at ? b : a));
    yield { source: first.source, ...first.line };
    const following = await next(first);
    heads = heads.flatMap((head) => (head !== first ? [head] : following ? [following] : []));
  }
}
