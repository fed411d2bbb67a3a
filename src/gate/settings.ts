export const haproxyModes = ['child', 'beside'] as const;
export type HaproxyMode = (typeof haproxyModes)[number];

/** What a gate is told once, when it starts. */
export interface GateSettings {
  /** Folder for its configuration and sockets; nobody else writes there. A short path, as sockets allow 107 bytes, of letters, digits and `._-/`. */
  readonly directory: string;
  /** The program. Default: `haproxy`. */
  readonly haproxy?: string;
  /** Who starts it: the gate itself, or a container beside it (haproxy-command.ts). Default: `child`. */
  readonly haproxyMode?: HaproxyMode;
  /** What `Fly-Region` says. */
  readonly region: string;
  /** Addresses to listen on. Default: all of IPv4. */
  readonly addresses?: readonly string[];
  /** Networks of ingresses, like `10.0.0.0/8`: what they say of the client and its scheme is believed. Default: none. */
  readonly trustedNetworks?: readonly string[];
  /** Networks of load balancers: their connections begin with a header of the PROXY protocol. Default: none. */
  readonly acceptProxy?: readonly string[];
  /** Ports of the edge, where the name of a host decides which App is meant. Default: none. */
  readonly edgeHttp?: number | undefined;
  readonly edgeHttps?: number | undefined;
  /** Whether HAProxy writes a line to its standard output for each request and connection. Default: no. */
  readonly accessLog?: boolean;
  /** Threads of HAProxy. Default: 2. */
  readonly threads?: number;
  /** Connections of clients at once; each takes two file descriptors. Default: 8000. */
  readonly maxConnections?: number;
  /** Requests and connections that wait for machines at once, of all routes. Default: 4000. */
  readonly maxHeld?: number;
  /** Least time between two reloads, in milliseconds. Default: 1000. */
  readonly reloadEveryMs?: number;
}

export const defaults = {
  haproxy: 'haproxy',
  addresses: ['0.0.0.0'],
  threads: 2,
  maxConnections: 8000,
  maxHeld: 4000,
  reloadEveryMs: 1000,
};

/** The files of a gate. The runtime socket has a generation, so that a command never reaches a process that ends. */
export const paths = ({ directory }: Pick<GateSettings, 'directory'>) => ({
  config: `${directory}/haproxy.cfg`,
  nextConfig: `${directory}/next.cfg`,
  lua: `${directory}/hold.lua`,
  master: `${directory}/master.sock`,
  pid: `${directory}/haproxy.pid`,
  hold: `${directory}/hold.sock`,
  /** Of one thread alone, or of any. */
  runtime: (generation: number, thread?: number) =>
    `${directory}/run-${generation}${thread === undefined ? '' : `-${thread}`}.sock`,
});
