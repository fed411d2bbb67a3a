import type { Group, Region, SuspendedMachine } from './group.ts';
import { placeOf } from './group.ts';
import type { GroupLoad } from './load.ts';

/** `request`: it has got something to do. `refused`: its node cannot take its CPU away. */
export interface Resume {
  readonly region: Region;
  readonly machine: SuspendedMachine;
  readonly reason: 'request' | 'refused';
}

/**
 * Suspended machines that serve, as the gate that was about to resume them has ended in between; and those whose CPU cannot
 * be taken away.
 */
export function resumesOf({ regions }: Group, load: GroupLoad): Resume[] {
  return regions.flatMap((region) =>
    region.suspended.flatMap((machine): Resume[] => {
      if (machine.isRefused) return [{ region, machine, reason: 'refused' }];
      return isServing(machine, load) ? [{ region, machine, reason: 'request' }] : [];
    }),
  );
}

function isServing({ name, forMs }: SuspendedMachine, load: GroupLoad): boolean {
  const { takesNew, total, lastBeganMs = Number.POSITIVE_INFINITY } = load.of(name);
  return takesNew && (total > 0 || lastBeganMs < forMs);
}

/** `resumed hello-app-abc of app: a request waited for it` */
export function resumedMessage(
  group: Pick<Group, 'name'>,
  region: Pick<Region, 'region'>,
  machine: string,
  why: string,
) {
  return `resumed ${machine} of ${placeOf(group, region)}: ${why}`;
}
