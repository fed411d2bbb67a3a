import { setTimeout as sleep } from 'node:timers/promises';
import type { Route } from '../api/route.ts';
import type { Certificate } from './certificates.ts';
import { type ColdStart, ColdStarts, type Part } from './cold-starts.ts';
import { ConfigLoader } from './config-loader.ts';
import { endingLoad } from './ending-load.ts';
import { Haproxy } from './haproxy.ts';
import type { Load } from './load.ts';
import { loadOfAll } from './load-of-all.ts';
import type { Machine, Server } from './machine.ts';
import { MachinePool } from './machine-pool.ts';
import { Pace } from './pace.ts';
import { Room } from './room.ts';
import { routeName } from './route-name.ts';
import { ServedRoutes } from './served-routes.ts';
import { statAddress } from './server-line.ts';
import { serverSockets } from './server-sockets.ts';
import { ServerSync, startedWith } from './server-sync.ts';
import { defaults, type GateSettings, paths } from './settings.ts';
import { TrafficCounts } from './traffic-counts.ts';
import type { TargetTraffic } from './traffic-totals.ts';
import { type RouteNow, WakeServer } from './wake.ts';

export interface DataPlaneEvents {
  /**
   * Somebody waits for a machine of the route and none has answered; once until nobody waits any more. Whoever starts one
   * tries until it can, and does nothing where one is on its way.
   */
  readonly onWake: (name: string, route: Route) => void;
  readonly onColdStart?: (coldStart: ColdStart) => void;
  /** One more waits for a machine of the route. */
  readonly onHeld?: (name: string) => void;
  /** What could not be done, in words; the gate goes on with what it has. */
  readonly onProblem: (problem: string) => void;
  /** What HAProxy says. */
  readonly onLine?: (line: string) => void;
}

/** Before the next attempt to have HAProxy up again, in milliseconds. */
const restartEveryMs = 1000;

/** HAProxy and all around it that makes it a gate. It is told of routes and machines, and tells when one is needed. */
export class DataPlane {
  readonly #settings: GateSettings;
  readonly #events: DataPlaneEvents;
  readonly #haproxy: Haproxy;
  readonly #pool: MachinePool;
  readonly #sync: ServerSync;
  readonly #room: Room;
  readonly #wake: WakeServer;
  readonly #coldStarts: ColdStarts;
  readonly #reloads: Pace;
  readonly #loader: ConfigLoader;
  readonly #counts = new TrafficCounts();
  #served = new ServedRoutes([], []);
  /** The backends that HAProxy has, and whether they have a hardLimit. */
  #limited: ReadonlyMap<string, boolean> = new Map();
  #isStopping = false;
  #isLoading = false;
  /** What HAProxy has. */
  #loaded: ServedRoutes | undefined;

  constructor(settings: GateSettings, events: DataPlaneEvents) {
    this.#settings = settings;
    this.#events = events;
    const { onColdStart = () => {}, onLine = () => {} } = events;
    this.#haproxy = new Haproxy(settings, { onLine, onExit: () => void this.#restart() });
    this.#loader = new ConfigLoader(settings, this.#haproxy);
    this.#reloads = new Pace(() => this.#load(), settings.reloadEveryMs ?? defaults.reloadEveryMs);
    this.#coldStarts = new ColdStarts(onColdStart);
    this.#pool = new MachinePool({
      onChange: (name) => this.#sync.touch(name),
      onUp: (name) => this.#coldStarts.ended(name, 'dial'),
    });
    this.#sync = new ServerSync({
      wanted: (name) => {
        const route = this.#served.byName.get(name);
        // What a process gets that is about to end, the next one would not know of.
        const isHeldBack = this.#isLoading && route?.concurrency.hardLimit;
        return route && !isHeldBack ? { route, servers: this.#servers(name, route) } : undefined;
      },
      onTried: (name) => this.#release(name),
    });
    this.#room = new Room({
      look: (known) => endingLoad(paths(settings).master, known),
      backends: () => this.#limited,
      onChange: () => {
        for (const [name, isLimited] of this.#limited) if (isLimited) this.#sync.touch(name);
      },
    });
    this.#wake = new WakeServer({
      path: paths(settings).hold,
      maxHeld: settings.maxHeld ?? defaults.maxHeld,
      look: (name) => this.#routeNow(name),
      inRegion: (name, region) => this.#pool.inRegion(name, region),
      onWake: (name, route) => {
        this.#coldStarts.asked(name);
        this.#events.onWake(name, route);
      },
      onHeld: (name) => this.#events.onHeld?.(name),
      onNobody: (name) => this.#coldStarts.forget(name),
    });
  }

  /** How often a configuration has been loaded. */
  get loads(): number {
    return this.#loader.loads;
  }

  /** Whether HAProxy runs. */
  get isRunning(): boolean {
    return this.#haproxy.isRunning && this.loads > 0;
  }

  /** Resolves when HAProxy serves these routes. Machines may be set at once: it then starts with those that have answered. */
  async start(routes: readonly Route[], certificates?: readonly Certificate[]): Promise<void> {
    this.#take(routes, certificates);
    await this.#loader.prepare();
    await this.#wake.listen();
    await this.#reloads.ask();
  }

  /** Resolves when they are served; rejects with what HAProxy says if it cannot, and goes on with those before. Loads no configuration where nothing has changed, and at most one in a second. */
  async setRoutes(routes: readonly Route[], certificates?: readonly Certificate[]): Promise<void> {
    this.#take(routes, certificates);
    if (this.#loaded !== this.#served || !this.#haproxy.isRunning) await this.#reloads.ask();
  }

  /** All machines of a route, also where another one has its backend. Never a reload. */
  setMachines(name: string, machines: readonly Machine[]): void {
    const route = this.#served.byName.get(name);
    if (machines.some(({ ready, leaving }) => ready && !leaving)) this.coldStartGoesOn(name, 'start');
    this.#pool.set(name, route?.internalPort ?? 0, route ? machines : []);
  }

  /** Where somebody waits: a part of the cold start has ended that only the cluster knows of. */
  coldStartGoesOn(name: string, part: Part): void {
    this.#coldStarts.ended(name, part);
  }

  /** Whether a machine of a route may still get something new: not before HAProxy has been told that it leaves. */
  takesNew(name: string, machine: string): boolean {
    // Until HAProxy has new routes it serves this one where it did before.
    return this.#isLoading || [name, this.backendOf(name)].some((one) => this.#sync.takesNew(one, machine));
  }

  /** The route, by its name, whose backend serves this one, and in which its load and those who wait are counted. */
  backendOf(name: string): string {
    return this.#served.backendOf(name);
  }

  /** How many wait for a machine, by route. */
  held(): Map<string, number> {
    return this.#wake.held();
  }

  /** Of all processes: those that end count as long as they have something to do. */
  load(): Promise<Load> {
    return loadOfAll(paths(this.#settings).master, this.#haproxy.socket);
  }

  /** What each port has carried since this gate began, in all processes. What HAProxy does not answer to is as it was. */
  traffic(): Promise<TargetTraffic[]> {
    return this.#counts.look();
  }

  /** Takes nothing new, and ends when nothing is under way any more, at the latest after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#counts.end();
    await this.#haproxy.stop(graceMs);
    this.#counts.close();
    this.#room.stop();
    this.#sync.stop();
    this.#pool.close();
    await this.#wake.close();
  }

  /** For a gate that cannot go on: a HAProxy that somebody else has started serves on, and who waits asks the next gate. */
  async leave(): Promise<void> {
    this.#isStopping = true;
    this.#counts.close();
    await this.#haproxy.leave();
    this.#room.stop();
    this.#sync.stop();
    this.#pool.close();
    await this.#wake.leave();
  }

  #take(routes: readonly Route[], certificates = this.#served.certificates): void {
    const next = new ServedRoutes(routes, certificates);
    for (const problem of next.problems) this.#events.onProblem(problem);
    if (!next.equals(this.#served)) this.#served = next;
  }

  async #load(): Promise<void> {
    if (this.#isStopping) return;
    const served = this.#served;
    this.#isLoading = true;
    this.#room.stop();
    try {
      const started = await this.#loader.load(served, (name) => this.#pool.servers(name));
      const routes = new Map(started.map(({ route }) => [routeName(route), route]));
      this.#loaded = served;
      this.#limited = new Map(
        [...routes].map(([name, { concurrency }]) => [name, concurrency.hardLimit !== undefined]),
      );
      this.#sync.use(serverSockets(this.#settings, this.#haproxy), startedWith(started));
      this.#counts.use(this.#haproxy.socket, routes);
    } finally {
      this.#isLoading = false;
      this.#room.begin();
    }
  }

  async #restart(): Promise<void> {
    this.#events.onProblem('HAProxy has exited: it is started again');
    do {
      await this.#reloads.ask().catch((error: Error) => this.#events.onProblem(error.message));
      await sleep(this.#haproxy.isRunning ? 0 : restartEveryMs);
    } while (!this.#haproxy.isRunning && !this.#isStopping);
  }

  #servers(name: string, route: Route): Server[] {
    const { hardLimit } = route.concurrency;
    const servers = this.#pool.servers(name);
    if (!hardLimit) return servers;
    return servers.map((server) => ({ ...server, room: this.#room.left(name, statAddress(route, server), hardLimit) }));
  }

  #routeNow(name: string): RouteNow | undefined {
    const route = this.#served.byName.get(name);
    const up = this.#pool.servers(name).filter(({ leaving }) => !leaving);
    const isLimited = route?.concurrency.hardLimit !== undefined;
    const isPending = this.#sync.isPending(name) || (isLimited && this.#isLoading);
    const open = isLimited ? up.filter((server) => this.#sync.takesNew(name, server.name)) : up;
    const isUp = up.length > 0;
    return route && { route, servers: isPending ? [] : open, isExpected: this.#pool.isExpected(name), isUp };
  }

  #release(name: string): void {
    if (this.#routeNow(name)?.servers.length) this.#coldStarts.ended(name, 'serve');
    this.#wake.release(name);
  }
}
