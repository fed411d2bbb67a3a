import type { MachineEvent, MachineState, MachineStatus } from '../api/machine-status.ts';

/** As many as Fly's API gives. */
export const keptEvents = 20;

/** Something that happened to a Machine, and the state that it was in afterwards. */
export interface Happened extends Omit<MachineEvent, 'timestamp'> {
  /** Default: now. */
  readonly at?: string | undefined;
}

/**
 * A status with one more event. No event is older than the one before it: Kubernetes tells the times of containers in
 * whole seconds, so what follows may seem to have been earlier.
 */
export function withEvent(status: MachineStatus, { at, ...event }: Happened, now: Date): MachineStatus {
  const { events = [] } = status;
  const [newest] = events;
  const wanted = milliTime(at === undefined ? now : new Date(at));
  const timestamp = newest && newest.timestamp > wanted ? newest.timestamp : wanted;
  return { ...status, events: [{ ...event, timestamp }, ...events].slice(0, keptEvents) };
}

/** A status with another state, and since when. */
export function inState(status: MachineStatus, state: MachineState, now: Date): MachineStatus {
  return state === status.state ? status : { ...status, state, stateSince: milliTime(now) };
}

/** RFC 3339 in UTC, to the millisecond: such times sort as text. */
export function milliTime(time: Date): string {
  return time.toISOString();
}
