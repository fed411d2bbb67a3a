import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Route } from '../api/route.ts';
import { backendNames } from './backends.ts';
import type { Certificate } from './certificates.ts';
import { type ColdStart, ColdStarts, type Part } from './cold-starts.ts';
import { haproxyConfig } from './config.ts';
import { ConfigFolder } from './config-files.ts';
import { endingLoad } from './ending-load.ts';
import { Haproxy } from './haproxy.ts';
import { threadOf } from './listeners.ts';
import { type Load, parseLoad, showLoad } from './load.ts';
import type { Machine, Server } from './machine.ts';
import { MachinePool } from './machine-pool.ts';
import { Pace } from './pace.ts';
import { processesOf } from './processes.ts';
import { Room } from './room.ts';
import { withOwnClaims } from './route-claims.ts';
import { routeName } from './route-name.ts';
import { send } from './runtime-socket.ts';
import { selfSigned } from './self-signed.ts';
import { statAddress } from './server-line.ts';
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
  readonly #folder: ConfigFolder;
  readonly #counts = new TrafficCounts();
  #routes = new Map<string, Route>();
  #backends: ReadonlyMap<string, string> = new Map();
  #certificates: readonly Certificate[] = [];
  #selfSigned: string | undefined;
  /** The backends that HAProxy has, and whether they have a hardLimit. */
  #limited: ReadonlyMap<string, boolean> = new Map();
  #isStopping = false;
  #isLoading = false;
  /** Whether HAProxy has the routes as they were set last. */
  #isServed = false;
  /** How often a configuration has been loaded. */
  loads = 0;

  constructor(settings: GateSettings, events: DataPlaneEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#folder = new ConfigFolder(settings.directory);
    const { onColdStart = () => {}, onLine = () => {} } = events;
    this.#haproxy = new Haproxy(settings, { onLine, onExit: () => void this.#restart() });
    this.#reloads = new Pace(() => this.#load(), settings.reloadEveryMs ?? defaults.reloadEveryMs);
    this.#coldStarts = new ColdStarts(onColdStart);
    this.#pool = new MachinePool({
      onChange: (name) => this.#sync.touch(name),
      onUp: (name) => this.#coldStarts.ended(name, 'dial'),
    });
    this.#sync = new ServerSync({
      wanted: (name) => {
        const route = this.#routes.get(name);
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
      inRegion: (name, region) => {
        const there = this.#pool.servers(name).filter((server) => server.region === region && !server.leaving);
        return there.map((server) => server.name);
      },
      onWake: (name, route) => {
        this.#coldStarts.asked(name);
        this.#events.onWake(name, route);
      },
      onHeld: (name) => this.#events.onHeld?.(name),
      onNobody: (name) => this.#coldStarts.forget(name),
    });
  }

  /** Whether HAProxy runs. */
  get isRunning(): boolean {
    return this.#haproxy.isRunning && this.loads > 0;
  }

  /** Resolves when HAProxy serves these routes. Machines may be set at once: it then starts with those that have answered. */
  async start(routes: readonly Route[], certificates?: readonly Certificate[]): Promise<void> {
    this.#take(routes, certificates);
    await mkdir(this.#settings.directory, { recursive: true, mode: 0o700 });
    await this.#wake.listen();
    await this.#reloads.ask();
  }

  /** Resolves when they are served; rejects with what HAProxy says if it cannot, and goes on with those before. Loads no configuration where nothing has changed, and at most one in a second. */
  async setRoutes(routes: readonly Route[], certificates?: readonly Certificate[]): Promise<void> {
    this.#take(routes, certificates);
    if (!this.#isServed || !this.#haproxy.isRunning) await this.#reloads.ask();
  }

  /** All machines of a route, also where another one has its backend. Never a reload. */
  setMachines(name: string, machines: readonly Machine[]): void {
    const route = this.#routes.get(name);
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
    return this.#backends.get(name) ?? name;
  }

  /** How many wait for a machine, by route. */
  held(): Map<string, number> {
    return this.#wake.held();
  }

  /** Of all processes: those that end count as long as they have something to do. */
  async load(): Promise<Load> {
    const { master } = paths(this.#settings);
    const { ending } = await processesOf(master);
    const asked = ending.map((pid) => send(master, [`@!${pid} ${showLoad}`]).catch(() => ''));
    const answers = await Promise.all([send(this.#haproxy.socket, [showLoad]), ...asked]);
    return parseLoad(answers);
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

  #take(routes: readonly Route[], certificates = this.#certificates): void {
    const { served, problems } = withOwnClaims(routes);
    for (const problem of problems) this.#events.onProblem(problem);
    const next = new Map(served.map((route) => [routeName(route), route]));
    const isSame = isDeepStrictEqual([[...next], certificates], [[...this.#routes], this.#certificates]);
    if (!isSame) this.#isServed = false;
    this.#routes = next;
    this.#backends = backendNames(served);
    this.#certificates = certificates;
  }

  async #load(): Promise<void> {
    if (this.#isStopping) return;
    const [routes, backends] = [this.#routes, this.#backends];
    const all = [...routes].map(([name, route]) => ({ route, servers: this.#pool.servers(name) }));
    const started = all.filter(({ route }) => backends.get(routeName(route)) === routeName(route));
    const servers = new Map(all.map((entry) => [entry.route, entry.servers]));
    const { text, files } = haproxyConfig(this.#settings, {
      routes: [...routes.values()],
      servers: (route) => servers.get(route) ?? [],
      certificates: this.#certificates,
      selfSigned: () => (this.#selfSigned ??= selfSigned(new Date())),
    });
    this.#isLoading = true;
    this.#room.stop();
    try {
      await this.#folder.write(files);
      await this.#haproxy.load(text);
      await this.#folder.keepOnly(files);
      this.loads++;
      this.#isServed = routes === this.#routes;
      this.#limited = new Map(
        started.map(({ route }) => [routeName(route), route.concurrency.hardLimit !== undefined]),
      );
      this.#sync.use(this.#sockets(), startedWith(started));
      this.#counts.use(this.#haproxy.socket, new Map(started.map(({ route }) => [routeName(route), route])));
    } finally {
      this.#isLoading = false;
      this.#room.begin();
    }
  }

  /** Where the process that has just been loaded is told of servers. */
  #sockets(): (name: string, route: Route) => string {
    const { threads = defaults.threads } = this.#settings;
    const any = this.#haproxy.socket;
    const own = Array.from({ length: threads }, (_, index) => this.#haproxy.socketOf(index + 1));
    return (name, { concurrency }) =>
      (concurrency.hardLimit ? own[threadOf(name, this.#settings) - 1] : undefined) ?? any;
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
    const route = this.#routes.get(name);
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
