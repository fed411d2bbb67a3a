import type { Group, Machine, Region } from './group.ts';
import { type Held, heldOn } from './held.ts';
import type { GroupLoad } from './load.ts';
import { type Resume, resumesOf } from './resume.ts';
import { type Start, startOf } from './start.ts';
import { machineToStop, type StopReason, stopReason } from './stop.ts';

export interface Stop {
  readonly region: Region;
  readonly machine: Machine;
  readonly reason: StopReason;
  readonly how: 'stop' | 'suspend';
}

export interface Decision {
  readonly start: Start | undefined;
  /** Suspended machines that are not to be so any more. */
  readonly resumes: readonly Resume[];
  /** At most one for each region. */
  readonly stops: readonly Stop[];
  /** For how long each workload has had a machine too many, by its name; to be given back at the next look. */
  readonly held: ReadonlyMap<string, Held>;
}

export interface Look {
  readonly group: Group;
  readonly load: GroupLoad;
  /** What the last look has said. */
  readonly held: ReadonlyMap<string, Held>;
  /** For how long a machine has to have been too many. */
  readonly stopAfterMs: number;
  /** As of a clock that never jumps. */
  readonly nowMs: number;
}

/** Which machine of a group is to be started, stopped or suspended. Never both at once. */
export function decide(look: Look): Decision {
  const { group, load, held, nowMs, stopAfterMs } = look;
  const start = startOf(group, load);
  const resumes = resumesOf(group, load);
  if (start || group.isReleasing) return { start, resumes, stops: [], held: new Map() };
  // What was known a moment ago still holds; whether it has gone on is seen at the next look that is whole.
  if (!load.isKnown) return { start, resumes, stops: [], held };
  const next = new Map<string, Held>();
  const stops = group.regions.flatMap((region): Stop[] => {
    const reason = stopReason(region, group.limits, load);
    if (!reason) return [];
    const since = heldOn(held.get(region.workload), region.machines.length, nowMs);
    next.set(region.workload, since);
    const machine = nowMs - since.sinceMs >= stopAfterMs ? machineToStop(region, load, stopAfterMs) : undefined;
    return machine ? [{ region, machine, reason, how: howToStop(region, machine) }] : [];
  });
  return { start, resumes, stops, held: next };
}

/** One that is not ready would be suspended in the middle of its start, or of its failure. */
const howToStop = ({ mode }: Region, { isReady }: Machine) => (mode === 'suspend' && isReady ? 'suspend' : 'stop');
