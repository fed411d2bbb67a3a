import { type DialOptions, dial } from './dial.ts';
import { isNameable, type Machine, type Server } from './machine.ts';

interface Entry {
  machine: Machine;
  readonly port: number;
  /** Whether it has accepted a connection since it was ready. */
  isUp: boolean;
  readonly dialling: AbortController;
}

export interface PoolOptions {
  /** A machine of the route has come, changed or gone. */
  readonly onChange: (route: string) => void;
  /** One has accepted a connection. */
  readonly onUp?: (route: string, machine: Machine) => void;
  readonly dial?: (address: string, port: number, options: DialOptions) => Promise<boolean>;
}

/** The machines of all routes: who is there, and who answers. */
export class MachinePool {
  readonly #routes = new Map<string, Map<string, Entry>>();
  readonly #options: PoolOptions;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** All machines of a route; those that are not named are gone. Ones that HAProxy could not be told of are left out. */
  set(route: string, port: number, machines: readonly Machine[]): void {
    const known = this.#routes.get(route) ?? new Map<string, Entry>();
    const next = new Map<string, Entry>();
    for (const machine of machines.filter(isNameable)) {
      next.set(machine.name, this.#entry(route, port, machine, known.get(machine.name)));
    }
    for (const [name, entry] of known) if (next.get(name)?.dialling !== entry.dialling) entry.dialling.abort();
    if (next.size > 0) this.#routes.set(route, next);
    else this.#routes.delete(route);
    this.#options.onChange(route);
  }

  /** Those that have answered. */
  servers(route: string): Server[] {
    const entries = [...(this.#routes.get(route)?.values() ?? [])];
    return entries
      .filter(({ isUp }) => isUp)
      .map(({ machine: { name, address, leaving, region } }) => ({ name, address, leaving, region }));
  }

  /** The names of those that have answered, and are not about to go. */
  inRegion(route: string, region: string): string[] {
    const there = this.servers(route).filter((server) => server.region === region && !server.leaving);
    return there.map(({ name }) => name);
  }

  /** Whether there is a machine that serves, or will as soon as it answers. */
  isExpected(route: string): boolean {
    return [...(this.#routes.get(route)?.values() ?? [])].some(({ machine }) => !machine.leaving);
  }

  close(): void {
    for (const entries of this.#routes.values()) for (const { dialling } of entries.values()) dialling.abort();
    this.#routes.clear();
  }

  #entry(route: string, port: number, machine: Machine, known: Entry | undefined): Entry {
    const isSamePlace = known?.machine.address === machine.address && known.port === port;
    if (isSamePlace && known.machine.ready && machine.ready) {
      known.machine = machine;
      return known;
    }
    const entry: Entry = { machine, port, isUp: false, dialling: new AbortController() };
    if (machine.ready) void this.#dial(route, entry);
    return entry;
  }

  async #dial(route: string, entry: Entry): Promise<void> {
    const { dialling, machine, port } = entry;
    const isUp = await (this.#options.dial ?? dial)(machine.address, port, { signal: dialling.signal });
    if (!isUp || dialling.signal.aborted) return;
    entry.isUp = true;
    this.#options.onUp?.(route, entry.machine);
    this.#options.onChange(route);
  }
}
