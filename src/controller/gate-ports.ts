import type { ObservedService } from '../api/kubernetes.ts';
import { type GatePorts, gatePortOf } from '../desired/gate-targets.ts';
import type { GatesSettings } from '../desired/settings.ts';
import type { Store } from '../kube/store.ts';
import { type Key, type KubeObject, keyOf } from '../kube/types.ts';
import { TerminalError } from './terminal-error.ts';

type StoredService = ObservedService & KubeObject;

/** Ports of the gates that a Service has, as text: for an index of the cache. */
export function gatePortsIn({ spec }: StoredService): string[] {
  return (spec?.ports ?? []).flatMap(({ targetPort }) => gatePortOf(targetPort)?.toString() ?? []);
}

/**
 * Gives each port of a Service that the gates serve a port of theirs that no other one has. What was given once stands in
 * the Service; what has been given and is not there yet is remembered.
 */
export class GatePortTable {
  readonly #services: Pick<Store<StoredService>, 'get' | 'byIndex'>;
  readonly #range: GatesSettings['ports'];
  /** Port and name of the port of the Service, by Service. */
  readonly #given = new Map<Key, Map<string, number>>();
  readonly #taken = new Map<number, Key>();

  /** The store has the index `gatePort`: `gatePortsIn`. */
  constructor(services: Pick<Store<StoredService>, 'get' | 'byIndex'>, range: GatesSettings['ports']) {
    this.#services = services;
    this.#range = range;
  }

  /** The port of each of these names. Throws TerminalError where no port is left. */
  portsFor(key: Key, names: readonly string[]): GatePorts {
    const before = this.#given.get(key);
    const stored = this.#storedIn(key);
    this.forget(key);
    const ports = new Map<string, number>();
    for (const name of names) {
      const known = [stored.get(name), before?.get(name)].find((port) => port !== undefined && this.#isFor(key, port));
      const port = known ?? this.#free(key, name);
      ports.set(name, port);
      this.#taken.set(port, key);
    }
    if (ports.size > 0) this.#given.set(key, ports);
    return ports;
  }

  forget(key: Key): void {
    for (const port of this.#given.get(key)?.values() ?? []) this.#taken.delete(port);
    this.#given.delete(key);
  }

  #storedIn(key: Key): Map<string, number> {
    const ports = this.#services.get(key)?.spec?.ports ?? [];
    return new Map(
      ports.flatMap(({ name = '', targetPort }) => {
        const port = gatePortOf(targetPort);
        return port === undefined ? [] : [[name, port] as const];
      }),
    );
  }

  /** Of two Services with the same port, which nobody but a person can make, the older one keeps it. */
  #isFor(key: Key, port: number): boolean {
    const { first, last } = this.#range;
    const holder = this.#taken.get(port);
    if (port < first || port > last || (holder !== undefined && holder !== key)) return false;
    const [oldest] = this.#services.byIndex('gatePort', `${port}`).sort(byAge);
    return !oldest || keyOf(oldest.metadata) === key;
  }

  /** Where the search begins depends on the name, so that operators that know nothing of each other rarely agree. */
  #free(key: Key, name: string): number {
    const { first, last } = this.#range;
    const size = last - first + 1;
    const start = hash(`${key} ${name}`) % size;
    for (let step = 0; step < size; step++) {
      const port = first + ((start + step) % size);
      if (!this.#taken.has(port) && this.#services.byIndex('gatePort', `${port}`).length === 0) return port;
    }
    throw new TerminalError(
      'NoGatePort',
      `all ports of the gates from ${first} to ${last} are taken: widen AIRFIELD_GATES_PORTS and AIRFIELD_GATE_PORTS`,
    );
  }
}

const byAge = (one: StoredService, other: StoredService) => (age(one) < age(other) ? -1 : 1);
const age = ({ metadata }: StoredService) => `${metadata.creationTimestamp} ${keyOf(metadata)}`;

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
