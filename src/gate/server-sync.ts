import type { Route } from '../api/route.ts';
import { type Clock, systemClock } from '../kube/clock.ts';
import type { Server } from './machine.ts';
import { presentAfter } from './present-servers.ts';
import { routeName } from './route-name.ts';
import { type Present, type PresentServers, serverCommands } from './servers.ts';

export interface WantedServers {
  readonly route: Route;
  readonly servers: readonly Server[];
}

export interface ServerSyncOptions {
  /** What a route should have, by its name. */
  readonly wanted: (name: string) => WantedServers | undefined;
  /** HAProxy has what it should have, or does not answer: who waits for a machine of the route may go. */
  readonly onTried: (name: string) => void;
  readonly clock?: Clock;
}

const routesAtOnce = 50;
const firstRetryMs = 50;
const longestRetryMs = 5000;

/**
 * Keeps the servers of the process that takes new connections as they should be. It goes by what HAProxy says that it has,
 * never by what a command has answered, and tries again until both are the same.
 */
export class ServerSync {
  readonly #options: ServerSyncOptions;
  readonly #clock: Clock;
  readonly #touched = new Set<string>();
  readonly #underWay = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #retries = new Map<string, () => void>();
  #present = new Map<string, PresentServers>();
  #socketOf: ((name: string, route: Route) => string) | undefined;
  #isRunning = false;
  #isStopped = false;

  constructor(options: ServerSyncOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** From now on the process with these sockets, which has been started with these servers. */
  use(socketOf: (name: string, route: Route) => string, present: Map<string, PresentServers>): void {
    this.#socketOf = socketOf;
    this.#present = present;
    for (const name of present.keys()) this.touch(name);
  }

  /** Tells HAProxy nothing any more. */
  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#retries.values()) cancel();
  }

  /** Whether what HAProxy has may be about to change: who asks for a machine of the route waits until it has been tried. */
  isPending(name: string): boolean {
    return this.#touched.has(name) || this.#underWay.has(name);
  }

  /** Whether HAProxy may give something new to a machine. */
  takesNew(name: string, machine: string): boolean {
    return this.isPending(name) || this.#present.get(name)?.get(machine)?.state === 'ready';
  }

  touch(name: string): void {
    this.#touched.add(name);
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#isRunning || this.#isStopped || !this.#socketOf) return;
    this.#isRunning = true;
    while (this.#touched.size > 0 && !this.#isStopped) {
      const names = [...this.#touched].slice(0, routesAtOnce);
      for (const name of names) {
        this.#touched.delete(name);
        this.#underWay.add(name);
      }
      await this.#apply(names);
      this.#underWay.clear();
      for (const name of names) this.#tried(name);
    }
    this.#isRunning = false;
  }

  async #apply(names: readonly string[]): Promise<void> {
    const socketOf = this.#socketOf;
    const changes = names.flatMap((name) => {
      const [commands, route] = [this.#missing(name), this.#options.wanted(name)?.route];
      return commands.length > 0 && route && socketOf ? [{ name, route, commands, socket: socketOf(name, route) }] : [];
    });
    const told = [...Map.groupBy(changes, ({ socket }) => socket)].map(async ([socket, changed]) => {
      const commands = changed.flatMap((one) => one.commands);
      const routes = changed.map(({ route }) => route);
      const present = await presentAfter(socket, commands, routes).catch(() => undefined);
      if (socketOf !== this.#socketOf || !present) return;
      for (const { name } of changed) this.#present.set(name, present.get(name) ?? new Map());
    });
    await Promise.all(told);
  }

  #tried(name: string): void {
    if (this.#missing(name).length === 0) this.#failures.delete(name);
    else this.#again(name);
    this.#options.onTried(name);
  }

  #again(name: string): void {
    const failures = this.#failures.get(name) ?? 0;
    this.#failures.set(name, failures + 1);
    this.#retries.get(name)?.();
    if (this.#isStopped) return;
    const ms = Math.min(firstRetryMs * 2 ** failures, longestRetryMs);
    this.#retries.set(
      name,
      this.#clock.after(ms, () => {
        this.#retries.delete(name);
        this.touch(name);
      }),
    );
  }

  #missing(name: string): string[] {
    const wanted = this.#options.wanted(name);
    const present = this.#present.get(name);
    // A route that this process does not have yet gets its servers with the configuration.
    return wanted && present ? serverCommands(wanted.route, wanted.servers, present) : [];
  }
}

/** What a process has that has been started with these. */
export function startedWith(all: readonly WantedServers[]): Map<string, PresentServers> {
  return new Map(
    all.map(({ route, servers }) => {
      const started = servers.filter(({ leaving }) => !leaving);
      const present = started.map(({ name, address }): [string, Present] => [
        name,
        { address: address.toLowerCase(), port: route.internalPort, ...startState(route) },
      ]);
      return [routeName(route), new Map(present)];
    }),
  );
}

/** As in backend-section.ts. */
function startState({ concurrency: { hardLimit } }: Route): Pick<Present, 'state' | 'limit'> {
  return hardLimit ? { state: 'maintenance', limit: hardLimit } : { state: 'ready' };
}
