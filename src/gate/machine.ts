import { isIP } from 'node:net';

/** A machine of a route, as the cluster has it. */
export interface Machine {
  /** Also what `fly-force-instance-id` says. */
  readonly name: string;
  /** An IP address. */
  readonly address: string;
  /** Whether it may be dialled: it runs, and no check of another kind stands against it. */
  readonly ready: boolean;
  /** Gets nothing new; what is under way ends by itself. */
  readonly leaving: boolean;
  /** What `fly-prefer-region` says of it. Absent: not known. */
  readonly region?: string | undefined;
}

/** A machine that has answered on its port, as a server of HAProxy. */
export interface Server {
  readonly name: string;
  readonly address: string;
  readonly leaving: boolean;
  readonly region?: string | undefined;
  /** What is left of its hardLimit for the newest process; at 0 it gets nothing yet. Absent: there is no limit. */
  readonly room?: number;
}

/** Whether HAProxy can be told of it: the name and the address stand in commands, unquoted. */
export function isNameable({ name, address }: Pick<Machine, 'name' | 'address'>): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/.test(name) && isIP(address) !== 0;
}
