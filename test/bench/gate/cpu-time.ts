import { readFile } from 'node:fs/promises';
import { processesOf } from '../../e2e/container-processes.ts';
import type { BenchPod } from './bench.ts';

/** Clock ticks of a second in /proc, on every Linux that Node.js runs on. */
const ticks = 100;

/** Seconds of CPU that the containers of a pod have used so far. */
export async function cpuSeconds({ status }: Pick<BenchPod, 'status'>): Promise<number> {
  const ids = (status.containerStatuses ?? []).map(({ containerID = '' }) => containerID);
  const pids = (await Promise.all(ids.map(processesOf))).flat();
  const used = await Promise.all(pids.map(ticksOf));
  return used.reduce((sum, one) => sum + one, 0) / ticks;
}

async function ticksOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // After the name of the program, which stands in brackets and may have spaces: utime and stime are fields 14 and 15.
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return user + system;
}
