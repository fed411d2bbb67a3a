import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { inject } from 'vitest';
import { pauseImage } from '../cluster/embedded/node-files.ts';
import { until } from '../cluster/exec.ts';
import { inside } from './inside.ts';
import type { Namespace } from './kubectl.ts';

const entry = join(import.meta.dirname, '..', '..', 'src', 'operator.ts');

/** The embedded cluster has no registry, but a pause image of its own. */
const usual = () => ({
  AIRFIELD_PORT: '0',
  AIRFIELD_HOST: '127.0.0.1',
  ...(inject('provider') === 'embedded' && { AIRFIELD_PAUSE_IMAGE: pauseImage }),
});

const inEverybodysWay =
  'this operator would see the Apps of the files beside this one: start it with OperatorProcess.startIn(namespace), or put the file into test/e2e/alone';

export interface OperatorOptions {
  /** Default: the one that the tests were given. */
  readonly kubeconfig?: string;
  /** Command that runs the one which follows it. Default: none. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The operator as it runs outside of a cluster, or in the network of an embedded one: a process with a kubeconfig. */
export class OperatorProcess {
  /** What it has said so far, line by line. */
  readonly lines: string[] = [];
  readonly #begin: () => ChildProcess;
  readonly #ended = Promise.withResolvers<number | null>();
  #child: ChildProcess;
  #isToEnd = false;

  constructor({ kubeconfig = inject('kubeconfig'), command = [], env = {} }: OperatorOptions = {}) {
    if (inject('shared') && !env.AIRFIELD_NAMESPACE) throw new Error(inEverybodysWay);
    const [program = '', ...args] = [...command, process.execPath, entry];
    this.#begin = () =>
      spawn(program, args, {
        env: { ...process.env, ...usual(), KUBECONFIG: kubeconfig, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    this.#child = this.#watched(this.#begin());
  }

  #watched(child: ChildProcess): ChildProcess {
    const from = this.lines.length;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.lines.push(...text.split('\n').filter(Boolean)));
    }
    child.on('close', (code) => {
      const hasLostItsLease = this.lines.slice(from).some((line) => line.includes('"lost the leadership"'));
      // On a machine that is too busy to renew a Lease for ten seconds it ends, and Kubernetes would start it again.
      if (hasLostItsLease && !this.#isToEnd) this.#child = this.#watched(this.#begin());
      else this.#ended.resolve(code);
    });
    return child;
  }

  /** An operator that sees the cluster, with all that is in it. */
  static async start(options?: OperatorOptions): Promise<OperatorProcess> {
    const operator = new OperatorProcess(options);
    try {
      await until('the operator to see the cluster', async () => operator.has('sees the cluster'), 240_000, 20);
    } catch (error) {
      await operator.kill('SIGKILL');
      throw new Error(`${error}; it said:\n${operator.lines.join('\n')}`);
    }
    operator.ended.then((code) => operator.#isToEnd || operator.#mourn(code));
    return operator;
  }

  /** Tests that wait for it in vain do not know why. */
  #mourn(code: number | null): void {
    console.error(`the operator has ended by itself, with ${code}:\n${this.lines.slice(-20).join('\n')}`);
  }

  /** One that looks at a namespace alone and shares the lead with nobody, so that other files may run beside this one. */
  static startIn({ name }: Namespace, { env, ...options }: OperatorOptions = {}): Promise<OperatorProcess> {
    return OperatorProcess.start({
      ...options,
      env: { AIRFIELD_NAMESPACE: name, AIRFIELD_LEASE_NAME: name, ...env },
    });
  }

  /** The same in the network of an embedded cluster, where it reaches machines. Nobody outside reaches its `url`. */
  static async startInside(namespace: Namespace, options?: Pick<OperatorOptions, 'env'>): Promise<OperatorProcess> {
    const { command, kubeconfig } = await inside();
    return OperatorProcess.startIn(namespace, { ...options, command, kubeconfig });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Whether a line of its output says this. */
  has(text: string): boolean {
    return this.lines.some((line) => line.includes(text));
  }

  /** Where it answers /healthz, /readyz and /metrics. */
  get url(): string {
    const line = this.lines.findLast((text) => text.includes('sees the cluster'));
    return `http://127.0.0.1:${JSON.parse(line ?? '{}').port}`;
  }

  /** Its exit code, once it has ended. */
  get ended(): Promise<number | null> {
    return this.#ended.promise;
  }

  kill(signal: NodeJS.Signals): Promise<number | null> {
    this.#isToEnd = true;
    this.#child.kill(signal);
    return this.ended;
  }

  stop(): Promise<number | null> {
    return this.kill('SIGTERM');
  }
}
