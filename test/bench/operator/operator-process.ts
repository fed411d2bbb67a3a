import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { Fatal, until } from '../../cluster/exec.ts';
import { cpuSecondsOf, memoryOf } from '../measure/process.ts';

const bundle = join(import.meta.dirname, '..', '..', '..', 'dist', 'operator.js');

/** Of the chart. */
export const memoryFlags: readonly string[] = ['--max-semi-space-size=8', '--max-old-space-size=1024'];

export interface OperatorOptions {
  /** Folder into which it writes what it spends its time with. */
  readonly profile?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

/** The operator as it is shipped, as a process of its own. */
export class OperatorProcess {
  /** From its start until it saw the cluster, in milliseconds. */
  readonly seesAfterMs: number;
  readonly #child: ChildProcess;
  readonly #port: number;

  private constructor(child: ChildProcess, port: number, seesAfterMs: number) {
    this.#child = child;
    this.#port = port;
    this.seesAfterMs = seesAfterMs;
  }

  /** Resolves when it sees the cluster. */
  static async start(kubeconfig: string, { profile, env }: OperatorOptions = {}): Promise<OperatorProcess> {
    const began = performance.now();
    const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
    // The command of the chart.
    const child = spawn(process.execPath, [...profiling, ...memoryFlags, bundle], {
      env: { PATH: process.env.PATH, KUBECONFIG: kubeconfig, AIRFIELD_PORT: '0', AIRFIELD_HOST: '127.0.0.1', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const port = await portOf(child);
    return new OperatorProcess(child, port, performance.now() - began);
  }

  get cpuSeconds(): number {
    return cpuSecondsOf(this.#child.pid ?? 0);
  }

  get memory() {
    return memoryOf(this.#child.pid ?? 0);
  }

  /** Throws where it has ended by itself: without the API server for so long that another one may lead. */
  async metrics(): Promise<string> {
    if (this.#child.exitCode !== null) throw new Fatal(`the operator has ended with ${this.#child.exitCode}`);
    return (await fetch(`http://127.0.0.1:${this.#port}/metrics`)).text();
  }

  /** Resolves when it may write. */
  leads(): Promise<boolean> {
    const leader = /^leader_election_master_status\{.*\} 1/m;
    return until('the operator to lead', async () => leader.test(await this.metrics()));
  }

  /** Requests that it has sent: what it says of itself. */
  async requests(): Promise<number> {
    return sum(await this.metrics(), /^rest_client_requests_total\{.*\} (\d+)/gm);
  }

  /** How often it has looked at an App. */
  async looks(): Promise<number> {
    return sum(await this.metrics(), /^controller_runtime_reconcile_total\{controller="app",.*\} (\d+)/gm);
  }

  /** MB of its heap that are in use; some of it may be garbage. */
  async heapMb(): Promise<number> {
    return sum(await this.metrics(), /^nodejs_heap_size_used_bytes (\S+)/gm) / 1e6;
  }

  /** Waits until it has looked at so many Apps, and nothing waits for it. */
  async hasLookedAt(apps: number, everyMs = 100): Promise<void> {
    const results =
      /^controller_runtime_reconcile_total\{controller="app",result="(?:success|requeue_after)"\} (\d+)/gm;
    const isDone = (text: string) =>
      sum(text, results) >= apps && sum(text, /^workqueue_depth\{.*\} (\d+)/gm) === 0 && isIdle(text);
    await until('the operator to have nothing to do', async () => isDone(await this.metrics()), 1_800_000, everyMs);
  }

  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  /** Resolves when it has ended. */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill(signal);
    await ended;
  }
}

const isIdle = (text: string) => sum(text, /^controller_runtime_active_workers\{.*\} (\d+)/gm) === 0;

function portOf(child: ChildProcess): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('exit', (code) => reject(new Error(`the operator ended with ${code}`)));
  let text: string | undefined = '';
  child.stdout?.on('data', (data) => {
    if (text === undefined) return;
    text += data;
    const [, port] = /"port":(\d+).*sees the cluster/.exec(text) ?? [];
    if (!port) return;
    text = undefined;
    resolve(Number(port));
  });
  return promise;
}

function sum(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
}
