import { type BackendTraffic, noTraffic, type Times, type Traffic, trafficOf } from './traffic.ts';

/** A port of an App, as people know it. */
export interface Target {
  readonly namespace: string;
  readonly app: string;
  readonly port: number;
}

export interface TargetTraffic extends Target {
  readonly mode: 'http' | 'tcp';
  readonly traffic: Traffic;
  /** Of the process that takes new connections, or of the one before it as long as that has none. */
  readonly times?: Times | undefined;
}

/** The port of the App that each backend of a process serves: of those that share it the lowest (backends.ts). */
export type Targets = ReadonlyMap<string, Target>;

interface Total {
  readonly target: Target;
  mode: 'http' | 'tcp';
  traffic: Traffic;
  times?: Times | undefined;
}

/**
 * Counts that only grow, out of those of processes that each begin at nothing. A port that no process serves any more is
 * forgotten with the last of them.
 */
export class TrafficTotals {
  readonly #workers = new Map<string, { targets: Targets; seen: Map<string, Traffic> }>();
  readonly #totals = new Map<string, Total>();
  #newest = '';

  /** A process that takes over; its name is that of no other one. */
  began(worker: string, targets: Targets): void {
    this.#workers.set(worker, { targets, seen: new Map() });
    this.#newest = worker;
    for (const target of targets.values()) this.#total(target);
  }

  /** What a process says of itself. */
  saw(worker: string, backends: ReadonlyMap<string, BackendTraffic>): void {
    const known = this.#workers.get(worker);
    if (!known) return;
    for (const [backend, { mode, traffic, times }] of backends) {
      const target = known.targets.get(backend);
      if (!target) continue;
      const total = this.#total(target);
      const before = known.seen.get(backend) ?? noTraffic;
      const isNewest = worker === this.#newest;
      // HAProxy counts a request that is handed over at the server, which is taken off, a moment before it counts it as a whole.
      const now = isNewest ? traffic : trafficOf((one) => Math.max(before[one], traffic[one]));
      total.traffic = trafficOf((one) => total.traffic[one] + grown(before[one], now[one]));
      known.seen.set(backend, now);
      if (isNewest) Object.assign(total, { mode, ...(times && { times }) });
    }
  }

  /** It has gone, and says nothing any more. */
  ended(worker: string): void {
    this.#workers.delete(worker);
    const served = new Set([...this.#workers.values()].flatMap(({ targets }) => [...targets.values()].map(keyOf)));
    for (const key of this.#totals.keys()) if (!served.has(key)) this.#totals.delete(key);
  }

  all(): TargetTraffic[] {
    return [...this.#totals.values()].map(({ target: { namespace, app, port }, ...rest }) => ({
      namespace,
      app,
      port,
      ...rest,
    }));
  }

  #total(target: Target): Total {
    const key = keyOf(target);
    const total = this.#totals.get(key) ?? { target, mode: 'tcp', traffic: noTraffic };
    this.#totals.set(key, total);
    return total;
  }
}

const keyOf = ({ namespace, app, port }: Target) => `${namespace}/${app}/${port}`;

/** A process that counts from nothing again has been started anew under the same name. */
const grown = (before: number, now: number) => (now < before ? Math.max(0, now) : now - before);
