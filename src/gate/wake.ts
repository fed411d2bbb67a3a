import { rm } from 'node:fs/promises';
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import { wholeSeconds } from '../api/duration.ts';
import type { Route } from '../api/route.ts';
import { type Clock, systemClock } from '../kube/clock.ts';
import { Held } from './held.ts';
import type { Server } from './machine.ts';

/** What is known of a route when somebody asks for a machine of it. */
export interface RouteNow {
  readonly route: Route;
  /** Those that may be connected to. */
  readonly servers: readonly Server[];
  /** Whether a machine will be there without being asked for. */
  readonly isExpected: boolean;
  /** Whether one has answered already, and HAProxy is being told of it. */
  readonly isUp: boolean;
}

export interface WakeOptions {
  /** Where `hold` asks: a Unix socket. */
  readonly path: string;
  readonly maxHeld: number;
  readonly look: (name: string) => RouteNow | undefined;
  /** Names of the machines of a route that may be connected to in a region. */
  readonly inRegion: (name: string, region: string) => readonly string[];
  /** Somebody waits and nobody has before. Not again until all have gone. */
  readonly onWake: (name: string, route: Route) => void;
  /** One more waits. */
  readonly onHeld?: (name: string) => void;
  /** Nobody waits any more. */
  readonly onNobody?: (name: string) => void;
  readonly clock?: Clock;
}

interface Waiting {
  readonly socket: Socket;
  readonly cancel: () => void;
}

/** The name of a route and that of a region. */
const longestLine = 320;
const notServed = 'this App is not served here any more';

/**
 * The other end of the Lua actions. `hold`: each request or connection that waits is a connection to this server, which has
 * sent the name of its route and a line break. The answer is one line: `go ADDRESS PORT`, or why not. `choose`: a region
 * stands behind the name; the answer is the names of the machines there, with spaces between them.
 */
export class WakeServer {
  readonly #options: WakeOptions;
  readonly #clock: Clock;
  readonly #server: NetServer;
  readonly #held: Held<Waiting>;
  readonly #woken = new Set<string>();
  #turn = 0;

  constructor(options: WakeOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#held = new Held(options.maxHeld);
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Rejects where another gate listens; what one that was killed has left is taken away. */
  async listen(): Promise<void> {
    const { path } = this.#options;
    if (await isTaken(path)) throw new Error(`another gate runs with ${path}: give this one a folder of its own`);
    await rm(path, { force: true });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject).listen(path, resolve);
    return promise;
  }

  /** How many wait, by route. */
  held(): Map<string, number> {
    return this.#held.counts();
  }

  /** Lets those go that wait for a route, if it can be reached. */
  release(name: string): void {
    if (this.#held.of(name) === 0) return;
    const now = this.#options.look(name);
    if (!now) this.#refuseAll(name, notServed);
    else if (now.servers.length === 0) this.#wake(name, now);
    else {
      for (const waiting of this.#held.all(name)) this.#answer(name, waiting, this.#go(now));
    }
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const name of this.#held.counts().keys()) this.#refuseAll(name, 'the gate is stopping: try again');
    await closed;
  }

  /** Without an answer to those who wait: they ask the next gate. */
  async leave(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const name of this.#held.counts().keys()) for (const { socket } of this.#held.all(name)) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    let line = '';
    socket.setEncoding('utf8').on('error', () => {});
    socket.on('data', (text: string) => {
      line += text;
      if (line.endsWith('\n')) this.#ask(socket, line.trim());
      else if (line.length > longestLine) socket.destroy();
    });
  }

  #ask(socket: Socket, line: string): void {
    const [name = '', region] = line.split(' ');
    if (region !== undefined) return void socket.end(`${this.#options.inRegion(name, region).join(' ')}\n`);
    const now = this.#options.look(name);
    const answer = this.#decide(now);
    if (answer === undefined && now) this.#hold(socket, name, now);
    else socket.end(`${answer}\n`);
  }

  /** Undefined: it has to wait. */
  #decide(now: RouteNow | undefined): string | undefined {
    if (!now) return notServed;
    if (now.servers.length > 0) return this.#go(now);
    if (now.route.autoStart || now.isExpected) return undefined;
    return 'no machine of this App runs, and autoStart is false: start one';
  }

  #hold(socket: Socket, name: string, now: RouteNow): void {
    const { hold } = now.route;
    const seconds = wholeSeconds(hold.time);
    const late = () => this.#answer(name, waiting, `no machine of this App was up within ${seconds}s: try again`);
    const waiting: Waiting = { socket, cancel: this.#clock.after(Math.min(seconds, 86_400) * 1000, late) };
    if (!this.#held.add(name, waiting, hold.number)) {
      this.#answer(name, waiting, 'too many wait for a machine of this App: try again');
      return;
    }
    this.#options.onHeld?.(name);
    socket.once('close', () => this.#forget(name, waiting));
    this.#wake(name, now);
  }

  #wake(name: string, { route, isUp }: RouteNow): void {
    if (isUp || this.#woken.has(name)) return;
    this.#woken.add(name);
    this.#options.onWake(name, route);
  }

  #go({ route, servers }: RouteNow): string {
    const server = servers[this.#turn++ % servers.length];
    return `go ${server?.address} ${route.internalPort}`;
  }

  #refuseAll(name: string, why: string): void {
    for (const waiting of this.#held.all(name)) this.#answer(name, waiting, why);
  }

  #answer(name: string, waiting: Waiting, line: string): void {
    this.#forget(name, waiting);
    waiting.socket.end(`${line}\n`);
  }

  #forget(name: string, waiting: Waiting): void {
    waiting.cancel();
    if (!this.#held.delete(name, waiting) || this.#held.of(name) > 0) return;
    this.#woken.delete(name);
    this.#options.onNobody?.(name);
  }
}

function isTaken(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path, () => resolve(true)).once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
