import type { Stop } from './decide.ts';
import { type Group, placeOf, type Region, runningOf } from './group.ts';

/** `stopped hello-app-abc of app: nothing to do for 3m, 0 of 2 run`, or `suspended hello-app-abc …` */
export function stoppedMessage(
  group: Pick<Group, 'name'>,
  { region, machine, reason, how }: Stop,
  afterMs: number,
): string {
  const what = how === 'suspend' ? 'suspended' : 'stopped';
  const time = shortTime(afterMs);
  const why = reason === 'idle' ? `nothing to do for ${time}` : `fewer have been enough for ${time}`;
  return `${what} ${machine.name} of ${placeOf(group, region)}: ${why}, ${runningOf(region) - 1} of ${region.count} run`;
}

/** For a machine that a gate has started. */
export function wokenMessage(group: Pick<Group, 'name'>, region: Region): string {
  return `started machine 1 of ${region.count} of ${placeOf(group, region)}: a request waited for it`;
}

function shortTime(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds > 0 && seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds > 0 && seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}
