import { showLoad } from './load.ts';
import { isMachine } from './own-servers.ts';
import { processesOf } from './processes.ts';
import { send } from './runtime-socket.ts';
import { statRows } from './stat-rows.ts';

/** What a process that ends may have at once on a machine, now or later. */
export interface EndingLoad {
  readonly pid: number;
  readonly backend: string;
  /** The number that the backend has in this process. */
  readonly id: string;
  /** `10.0.0.1:8080` or `[fd00::1]:8080` */
  readonly address: string;
  readonly most: number;
}

/**
 * Of all processes that end; `known`: of the backends that had something left when it was looked before. Rejects where one does
 * not answer, or has not been told to end yet.
 */
export async function endingLoad(master: string, known?: readonly EndingLoad[]): Promise<EndingLoad[]> {
  const { ending } = await processesOf(master);
  const ids = known && Map.groupBy(known, ({ pid }) => pid);
  const asked = ending.filter((pid) => ids?.has(pid) ?? true);
  const answers = asked.map(async (pid) => {
    // By its name HAProxy would find the frontend, which has the same.
    const stats = ids ? new Set(ids.get(pid)?.map(({ id }) => `show stat ${id} 6 -1`)) : [showLoad];
    return parseEnding(
      pid,
      await send(
        master,
        ['show info', ...stats].map((command) => `@!${pid} ${command}`),
      ),
    );
  });
  return (await Promise.all(answers)).flat();
}

/**
 * The answers of one process. What comes to it yet it hands over (handover.ts), so all that a machine can get from it is
 * what it has, and who waits in it, as far as the limit that it had as the newest one.
 */
export function parseEnding(pid: number, answer: string): EndingLoad[] {
  if (!/^Stopping: 1$/m.test(answer)) throw new Error('a process of HAProxy that should end does not do so yet');
  const rows = statRows(answer);
  const waiting = new Map(rows.map(({ pxname, svname, qcur }) => [svname === 'BACKEND' && pxname, Number(qcur)]));
  return rows
    .filter(({ svname = '' }) => svname !== 'BACKEND' && isMachine(svname))
    .map(({ pxname = '', iid = '', addr = '', scur, qcur, slim }) => {
      const all = Number(scur) + Number(qcur) + (waiting.get(pxname) ?? 0);
      return {
        pid,
        backend: pxname,
        id: iid,
        address: addr.toLowerCase(),
        most: slim ? Math.min(all, Number(slim)) : all,
      };
    })
    .filter(({ most }) => most > 0);
}
