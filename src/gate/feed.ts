import { readRoutes } from '../api/read-routes.ts';
import type { Route } from '../api/route.ts';
import { type Clock, systemClock } from '../kube/clock.ts';
import type { Informer } from '../kube/informer.ts';
import type { KubeObject } from '../kube/types.ts';
import { certificateTable } from './certificate-table.ts';
import { type CertificateSecret, readCertificate } from './certificates.ts';
import type { PortRange } from './config-env.ts';
import type { DataPlane } from './data-plane.ts';
import type { Drains } from './drains.ts';
import type { Wanted } from './machine-starter.ts';
import {
  appKey,
  appOf,
  type GatePod,
  isExpected,
  isScheduled,
  type Known,
  machinesOf,
  mayStay,
  toResume,
} from './pod-machines.ts';
import type { Problems } from './problems.ts';
import type { Resumes } from './resumes.ts';
import { routeName } from './route-name.ts';
import { routeTable } from './route-table.ts';

export interface FeedOptions {
  readonly services: Pick<Informer<KubeObject>, 'store' | 'onChange'>;
  /** With an index `app` of their `appKey`. */
  readonly pods: Pick<Informer<GatePod>, 'store' | 'onChange'>;
  readonly certificates?: Pick<Informer<CertificateSecret>, 'store' | 'onChange'>;
  readonly plane: Pick<DataPlane, 'start' | 'setRoutes' | 'setMachines' | 'coldStartGoesOn' | 'held'>;
  readonly ports: PortRange;
  readonly drains: Pick<Drains, 'has'>;
  readonly resumes: Pick<Resumes, 'has' | 'seen'>;
  readonly problems: Problems;
  /** Somebody waits for a machine of a route, and the last one that was there or on its way has gone. */
  readonly onBereft: (name: string) => void;
  readonly clock?: Clock;
}

const firstRetryMs = 1000;
const longestRetryMs = 30_000;

/** Tells the data plane what the cluster has: many changes at once are told as one. */
export class Feed {
  readonly #options: FeedOptions;
  readonly #clock: Clock;
  readonly #read = memoized(readRoutes);
  readonly #readCertificate = memoized(readCertificate);
  readonly #apps = new Set<string>();
  #routes = new Map<string, Route>();
  #isScheduled = false;
  #hasNewRoutes = false;
  #failures = 0;
  #cancelRetry = () => {};
  #isStopped = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** To be called when both caches are complete. Resolves when HAProxy serves; rejects where it cannot start. */
  async start(): Promise<void> {
    const { services, certificates, pods, plane } = this.#options;
    await this.#setRoutes((...served) => plane.start(...served));
    for (const one of [services, certificates]) one?.onChange(() => this.#schedule({ hasNewRoutes: true }));
    pods.onChange((_, current, previous) => {
      this.#options.resumes.seen(current, previous);
      for (const pod of [current, previous]) if (pod) this.#apps.add(appOf(pod));
      this.#schedule();
    });
    // What has changed while HAProxy came up.
    for (const { namespace, app } of this.#routes.values()) this.#apps.add(appKey(namespace, app));
    this.#schedule({ hasNewRoutes: true });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry();
  }

  get routes(): ReadonlyMap<string, Route> {
    return this.#routes;
  }

  /** The suspended machine that is to be resumed for a route for which somebody waits while none serves. */
  suspended(name: string): GatePod | undefined {
    const wanted = this.wanted(name);
    return wanted && toResume(wanted.route, this.#podsOf(wanted.route), this.#known(wanted.route));
  }

  /** A machine has come under a drain, or out of it, or is being resumed. */
  touch(namespace: string, machine: string): void {
    for (const { app } of this.routesWith(namespace, machine).values()) this.#apps.add(appKey(namespace, app));
    this.#schedule();
  }

  /** The routes that lead to a machine. */
  routesWith(namespace: string, machine: string): Map<string, Route> {
    const leadsThere = (route: Route) =>
      route.namespace === namespace && this.#machines(route).some(({ name }) => name === machine);
    return new Map([...this.#routes].filter(([, route]) => leadsThere(route)));
  }

  /** Whether a machine has to be started for a route. */
  wanted(name: string): Wanted | undefined {
    const route = this.#routes.get(name);
    if (!route?.autoStart || !this.#options.plane.held().get(name)) return undefined;
    const [pods, known] = [this.#podsOf(route), this.#known(route)];
    return isExpected(route, pods, known) ? undefined : { route, mayStay: mayStay(route, pods, known) };
  }

  #schedule({ hasNewRoutes = false } = {}): void {
    this.#hasNewRoutes ||= hasNewRoutes;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#isScheduled = false;
    if (this.#isStopped) return;
    const apps = new Set(this.#apps);
    this.#apps.clear();
    if (this.#hasNewRoutes) {
      this.#hasNewRoutes = false;
      this.#setRoutes((...served) => this.#options.plane.setRoutes(...served)).catch(() => this.#retryLater());
    }
    for (const [name, route] of this.#routes) {
      if (!apps.has(appKey(route.namespace, route.app))) continue;
      if (isScheduled(route, this.#podsOf(route))) this.#options.plane.coldStartGoesOn(name, 'schedule');
      this.#options.plane.setMachines(name, this.#machines(route));
      if (this.wanted(name)) this.#options.onBereft(name);
    }
  }

  async #setRoutes(serve: DataPlane['setRoutes']): Promise<void> {
    const { services, plane, ports, problems } = this.#options;
    const { routes, problems: found } = routeTable(services.store.list(), ports, this.#read);
    const secrets = this.#options.certificates?.store.list() ?? [];
    const { certificates, problems: wrong } = certificateTable(secrets, routes, this.#readCertificate);
    problems.set('routes', found);
    problems.set('certificates', wrong);
    const before = this.#routes;
    this.#routes = new Map(routes.map((route) => [routeName(route), route]));
    this.#cancelRetry();
    const served = serve(routes, certificates);
    for (const name of before.keys()) if (!this.#routes.has(name)) plane.setMachines(name, []);
    for (const [name, route] of this.#routes) {
      if (before.get(name) !== route) plane.setMachines(name, this.#machines(route));
    }
    try {
      await served;
      this.#failures = 0;
      problems.set('haproxy', []);
    } catch (error) {
      problems.set('haproxy', [(error as Error).message]);
      throw error;
    }
  }

  /** What HAProxy refuses now it may take later: a port may be taken by somebody who goes. */
  #retryLater(): void {
    this.#cancelRetry();
    if (this.#isStopped) return;
    const ms = Math.min(firstRetryMs * 2 ** this.#failures++, longestRetryMs);
    this.#cancelRetry = this.#clock.after(ms, () => this.#schedule({ hasNewRoutes: true }));
  }

  #machines(route: Route) {
    return machinesOf(route, this.#podsOf(route), this.#known(route));
  }

  #podsOf({ namespace, app }: Route): GatePod[] {
    return this.#options.pods.store.byIndex('app', appKey(namespace, app));
  }

  #known({ namespace }: Route): Known {
    const { drains, resumes } = this.#options;
    return { isDrained: (machine) => drains.has(namespace, machine), isResuming: (pod) => resumes.has(pod) };
  }
}

/** An object in a store stays the same as long as it has not changed. */
function memoized<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    const value = known.get(key) ?? compute(key);
    known.set(key, value);
    return value;
  };
}
