import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../cluster/exec.ts';
import { ensureHaproxy } from '../gate/haproxy-installed.ts';

const entry = join(import.meta.dirname, '..', '..', 'src', 'gate.ts');

/** Known to whoever asks for a drain. */
export const token = 'a-token-of-these-tests';

export interface GateProcessOptions {
  readonly kubeconfig: string;
  /** Ports of routes. */
  readonly ports: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A gate as it runs outside of a cluster: a process with a kubeconfig, and its HAProxy. */
export class GateProcess {
  /** What it has said so far, line by line. */
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended = Promise.withResolvers<number | null>();
  readonly #directory = mkdtempSync(join(tmpdir(), 'gate-'));

  constructor({ kubeconfig, ports, env = {} }: GateProcessOptions) {
    const own = {
      AIRFIELD_GATE_HOST: '127.0.0.1',
      AIRFIELD_GATE_PORT: '0',
      AIRFIELD_GATE_ADDRESSES: '127.0.0.1',
      AIRFIELD_GATE_DIRECTORY: this.#directory,
      AIRFIELD_GATE_PORTS: ports,
      AIRFIELD_GATE_MAX_CONNECTIONS: '1000',
      AIRFIELD_GATE_DRAIN: '0s',
      AIRFIELD_GATE_TOKEN: token,
    };
    this.#child = spawn(process.execPath, [entry], {
      env: { ...process.env, ...own, KUBECONFIG: kubeconfig, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.on('exit', (code) => {
      rmSync(this.#directory, { recursive: true, force: true });
      this.#ended.resolve(code);
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.lines.push(...text.split('\n').filter(Boolean)));
    }
  }

  /** One that serves. */
  static async start(options: GateProcessOptions): Promise<GateProcess> {
    await ensureHaproxy();
    const gate = new GateProcess(options);
    await until('the gate to serve', async () => gate.has('"serves"'), 120_000, 20);
    return gate;
  }

  /** Whether a line of its output says this. */
  has(text: string): boolean {
    return this.lines.some((line) => line.includes(text));
  }

  /** Its exit code, once it has ended. */
  get ended(): Promise<number | null> {
    return this.#ended.promise;
  }

  /** Where it answers /metrics and the others. */
  get port(): number {
    return JSON.parse(this.lines.find((line) => line.includes('"serves"')) ?? '{}').port;
  }

  async get(path: string, init: RequestInit = {}): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, init);
    return { status: response.status, text: await response.text() };
  }

  askToStop(): void {
    this.#child.kill('SIGTERM');
  }

  stop(): Promise<number | null> {
    this.askToStop();
    return this.ended;
  }
}
