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
  /** How many are asked for. */
  readonly replicas: number;
  readonly machines: readonly Machine[];
}

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
