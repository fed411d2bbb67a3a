import { setTimeout as sleep } from 'node:timers/promises';
import { KubeError } from '../kube/errors.ts';
import { type LogLine, podLog } from '../kube/pod-log.ts';
import type { LogSource } from './log-source.ts';
import { sortable } from './log-time.ts';
import type { Session } from './session.ts';

export interface Follow {
  readonly session: Session;
  /** The containers that there are now. */
  readonly sources: () => Promise<readonly LogSource[]>;
  /** Time of the last line that was shown of each container, by `sourceKey`. */
  readonly shown: Map<string, string>;
  /** Where the log of a container begins that was there already and has not said anything. */
  readonly since: string | undefined;
  readonly onLine: (line: LogLine, source: LogSource) => void;
  readonly onProblem: (text: string) => void;
}

export const sourceKey = ({ uid, container }: LogSource) => `${uid}/${container}`;

const lookMs = 1_000;

/**
 * Shows what containers say until the signal: also of machines that come later, and over restarts. A log that ends, with
 * its container or with the connection, is opened again after the last line that was shown.
 */
export async function followLogs(follow: Follow): Promise<void> {
  const { session, sources, onProblem } = follow;
  const following = new Set<string>();
  const old = new Set((await sources()).map(sourceKey));
  for (let problem = ''; !session.signal.aborted; ) {
    try {
      for (const source of await sources()) {
        const key = sourceKey(source);
        if (following.has(key)) continue;
        following.add(key);
        const from = follow.shown.get(key) ?? (old.has(key) ? follow.since : undefined);
        void followOne(follow, source, from).finally(() => following.delete(key));
      }
      problem = '';
    } catch (error) {
      if (!(error instanceof KubeError) || [401, 403].includes(error.status)) throw error;
      if (!session.signal.aborted && problem !== error.message) onProblem(`${error.message}; tries again`);
      problem = error.message;
    }
    await sleep(lookMs, undefined, { signal: session.signal }).catch(() => {});
  }
}

/** One container until its log ends. */
async function followOne({ session, shown, onLine }: Follow, source: LogSource, from: string | undefined) {
  const { client, namespace, signal } = session;
  const key = sourceKey(source);
  let last = from === undefined ? '' : sortable(from);
  try {
    const options = { container: source.container, follow: true, sinceTime: from, signal };
    for await (const line of podLog(client, { namespace, name: source.pod }, options)) {
      // The API server begins with a whole second, so lines come again.
      if (sortable(line.time) <= last) continue;
      last = sortable(line.time);
      shown.set(key, line.time);
      onLine(line, source);
    }
  } catch (error) {
    // It has gone, or is not there yet: the next look tells.
    if (!(error instanceof KubeError) && !signal.aborted) throw error;
  }
}
