import { app } from './apps.ts';
import { type Namespace, until } from './kubectl.ts';
import { machinesOf } from './machines.ts';

/** One run of a release command; times in milliseconds on one clock. */
export interface CommandRun {
  readonly app: string;
  readonly version: string;
  readonly from: number;
  /** Absent while it runs. */
  readonly to?: number;
  /** Absent if it was killed, and while it runs. */
  readonly exit?: number;
}

const name = 'witness';

/** Knows which release commands run in a namespace, and when each began and ended: images/versioned/witness.js. */
export class Witness {
  /** Where release.js reports, for its WITNESS. */
  static readonly address = `${name}.internal:9100`;
  readonly #namespace: Namespace;
  readonly #machine: string;

  private constructor(namespace: Namespace, machine: string) {
    this.#namespace = namespace;
    this.#machine = machine;
  }

  static async start(namespace: Namespace): Promise<Witness> {
    const processes = [{ name: 'app', command: ['node', 'witness.js'] }];
    await namespace.apply(app(name, { image: 'airfield.local/versioned:1', killSignal: 'SIGKILL', processes }));
    await namespace.waitReady(name);
    const [machine] = await machinesOf(namespace, name);
    return new Witness(namespace, machine?.name ?? '');
  }

  /** Waits until the command of a version has begun. */
  async sees(app: string, version: string): Promise<void> {
    const seen = async () => (await this.runs(app)).some((run) => run.version === version);
    await until(`the release command of ${app} ${version}`, seen);
  }

  /** In the order in which they began; of one App only, if it is named. */
  async runs(app?: string): Promise<CommandRun[]> {
    const output = await this.#namespace.kubectl([
      'exec',
      this.#machine,
      '--',
      'wget',
      '-qO-',
      'http://localhost:9000',
    ]);
    return (JSON.parse(output) as CommandRun[]).filter((run) => !app || run.app === app);
  }
}

/** Pairs of runs of one App that were alive at the same time. */
export function overlaps(runs: readonly CommandRun[]): [CommandRun, CommandRun][] {
  return runs.flatMap((first, index) =>
    runs
      .slice(index + 1)
      .filter((second) => second.app === first.app && second.from < (first.to ?? Number.POSITIVE_INFINITY))
      .map((second): [CommandRun, CommandRun] => [first, second]),
  );
}

/** Runs that began although the same command had already succeeded for the same release. */
export function repeated(runs: readonly CommandRun[]): CommandRun[] {
  return runs.filter((run, index) =>
    runs.slice(0, index).some(({ app, version, exit }) => app === run.app && version === run.version && exit === 0),
  );
}
