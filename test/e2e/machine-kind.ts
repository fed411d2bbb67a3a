import type { MachineSpecInput } from '../../src/api/machine.ts';
import type { MachineStatus } from '../../src/api/machine-status.ts';
import { clientImage } from './apps.ts';
import { type Namespace, until } from './kubectl.ts';
import { follow } from './reads.ts';

export interface StoredMachine {
  metadata: { name: string; uid: string; generation: number };
  spec: MachineSpecInput;
  status: MachineStatus;
}

/** A Machine of the App `hello` whose program is a shell script. It is killed at once when it is to stop. */
export function shellMachine(name: string, script: string, spec: Partial<MachineSpecInput> = {}): object {
  return {
    apiVersion: 'airfield.dev/v1alpha1',
    kind: 'Machine',
    metadata: { name },
    spec: { app: 'hello', image: clientImage, command: ['sh', '-c', script], killSignal: 'SIGKILL', ...spec },
  };
}

export const forEver = 'exec sleep 86400';

/** Does not end when it is asked to, for longer than anybody looks. */
export const stubborn = {
  script: 'trap "" TERM; while true; do sleep 1; done',
  spec: { killSignal: 'SIGTERM', killTimeout: '2m' },
} as const;

export const patchMachine = (namespace: Namespace, name: string, spec: object) =>
  namespace.kubectl(['patch', 'machine', name, '--type=merge', '-p', JSON.stringify({ spec })]);

export const restartMachine = (namespace: Namespace, name: string, value: string) =>
  namespace.kubectl(['annotate', '--overwrite', 'machine', name, `airfield.dev/restarted-at=${value}`]);

export const readMachine = (namespace: Namespace, name: string) => namespace.get<StoredMachine>('machine', name);

/** Waits until the status speaks of the spec as it is now, and is as it should be. */
export async function reaches(
  namespace: Namespace,
  name: string,
  state: MachineStatus['state'],
  more: (status: MachineStatus) => boolean = () => true,
): Promise<MachineStatus> {
  const found = await until(`${name} to be ${state}`, async () => {
    const { status, metadata } = await readMachine(namespace, name);
    const isCurrent = status?.observedGeneration === metadata.generation;
    return isCurrent && status.state === state && more(status) ? status : undefined;
  });
  return found as MachineStatus;
}

export const readyOf = ({ conditions }: MachineStatus) => conditions?.find(({ type }) => type === 'Ready');

/** Sees each state and each version that Machines of a namespace have, in order, whatever becomes of the operator. */
export class MachineWatch {
  readonly #end = new AbortController();
  readonly #seen = new Map<string, { states: string[]; versions: Set<string> }>();

  private constructor() {}

  /** Sees whatever comes from now on. */
  static async start({ name }: Namespace): Promise<MachineWatch> {
    const watch = new MachineWatch();
    const onObject = (machine: Partial<StoredMachine>) => watch.#sees(machine);
    await follow<Partial<StoredMachine>>(name, 'machines', { signal: watch.#end.signal, onObject });
    return watch;
  }

  /** The states of a Machine, each once until it changes. */
  states(machine: string): readonly string[] {
    return this.#of(machine).states;
  }

  versions(machine: string): ReadonlySet<string> {
    return this.#of(machine).versions;
  }

  /** Every change of state of any Machine: `created starting`. */
  get transitions(): Set<string> {
    const all = [...this.#seen.values()].flatMap(({ states }) => states.slice(1).map((to, i) => `${states[i]} ${to}`));
    return new Set(all);
  }

  stop(): void {
    this.#end.abort();
  }

  #of(machine: string) {
    const known = this.#seen.get(machine) ?? { states: [], versions: new Set<string>() };
    this.#seen.set(machine, known);
    return known;
  }

  #sees({ metadata, status }: Partial<StoredMachine>): void {
    const { states, versions } = this.#of(metadata?.name ?? '');
    if (status?.state && states.at(-1) !== status.state) states.push(status.state);
    if (status?.version) versions.add(status.version);
  }
}
