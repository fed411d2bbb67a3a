import { type ChildProcess, spawn } from 'node:child_process';
import { inject } from 'vitest';
import type { MachineSpecInput } from '../../src/api/machine.ts';
import type { MachineStatus } from '../../src/api/machine-status.ts';
import { kubectlPath } from '../cluster/binaries.ts';
import { clientImage } from './apps.ts';
import { type Namespace, until } from './kubectl.ts';

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

/** Does not end when it is asked to, for about twenty seconds. */
export const stubborn = {
  script: 'trap "" TERM; while true; do sleep 1; done',
  spec: { killSignal: 'SIGTERM', killTimeout: '20s' },
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
  const found = await until(
    `${name} to be ${state}`,
    async () => {
      const { status, metadata } = await readMachine(namespace, name);
      const isCurrent = status?.observedGeneration === metadata.generation;
      return isCurrent && status.state === state && more(status) ? status : undefined;
    },
    120_000,
  );
  return found as MachineStatus;
}

export const readyOf = ({ conditions }: MachineStatus) => conditions?.find(({ type }) => type === 'Ready');

/** Sees each state and each version that Machines of a namespace have, in order, whatever becomes of the operator. */
export class MachineWatch {
  readonly #child: ChildProcess;
  readonly #seen = new Map<string, { states: string[]; versions: Set<string> }>();
  #rest = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text));
  }

  static async start(namespace: Namespace): Promise<MachineWatch> {
    const line = '{.metadata.name} {.status.state} {.status.version}{"\\n"}';
    const args = ['--namespace', namespace.name, 'get', 'machines', '--watch', '-o', `jsonpath=${line}`];
    const env = { ...process.env, KUBECONFIG: inject('kubeconfig') };
    return new MachineWatch(spawn(await kubectlPath(), args, { env, stdio: ['ignore', 'pipe', 'inherit'] }));
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
    this.#child.kill();
  }

  #of(machine: string) {
    const known = this.#seen.get(machine) ?? { states: [], versions: new Set<string>() };
    this.#seen.set(machine, known);
    return known;
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const [name = '', state, version] of lines.map((line) => line.split(' '))) {
      const { states, versions } = this.#of(name);
      if (state && states.at(-1) !== state) states.push(state);
      if (version) versions.add(version);
    }
  }
}
