import type { Limit } from './limits.ts';

/** A machine that there is, of which the pod is not on its way out. */
export interface Machine {
  readonly name: string;
  /** Whether Kubernetes says so. */
  readonly isReady: boolean;
  /** Since it was asked for, in milliseconds. */
  readonly ageMs: number;
  /** Since its program began, in milliseconds; undefined while it does not run. */
  readonly upMs: number | undefined;
}

/** One that has hardly any CPU until it is needed. */
export interface SuspendedMachine extends Machine {
  /** For how long it has been suspended, in milliseconds. */
  readonly forMs: number;
  /** Whether its node says that it cannot be resized. */
  readonly isRefused: boolean;
}

/** The machines of a group in one region. */
export interface Region {
  readonly kind: 'Deployment' | 'StatefulSet';
  /** Name of the Deployment or StatefulSet. */
  readonly workload: string;
  /** Undefined where nobody names one. */
  readonly region: string | undefined;
  /** How many may run. */
  readonly count: number;
  /** How many do in any case. */
  readonly min: number;
  /** How many are asked for, suspended ones among them. */
  readonly replicas: number;
  /** What becomes of a machine that is too many. */
  readonly mode: 'stop' | 'suspend';
  /** Without those that are suspended. */
  readonly machines: readonly Machine[];
  readonly suspended: readonly SuspendedMachine[];
}

/** How many are to run. */
export const runningOf = ({ replicas, suspended }: Pick<Region, 'replicas' | 'suspended'>) =>
  replicas - suspended.length;

/** The machines of a process group: which of them run is decided by what they have to do. */
export interface Group {
  readonly name: string;
  /** In the order in which they are started in. */
  readonly regions: readonly Region[];
  readonly limits: readonly Limit[];
  /** Whether more are started where those that run have enough to do. */
  readonly autoStart: boolean;
  /** Whether a release is on its way: then nothing is stopped. */
  readonly isReleasing: boolean;
}

/** `app`, or `app in fra`. */
export const placeOf = ({ name }: Pick<Group, 'name'>, { region }: Pick<Region, 'region'>) =>
  region === undefined ? name : `${name} in ${region}`;
