import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { kubectlPath } from '../cluster/binaries.ts';
import { CommandError, until as poll, run } from '../cluster/exec.ts';
import { readAll, readNames, readOne } from './reads.ts';

/** Milliseconds that anything may take where nothing is promised: machines that run tests may be slow, and busy. */
export const patience = 240_000;

/** kubectl against the cluster of the tests, with everything that people do with it. */
export async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const options = { timeout: patience + 30_000, env: { ...process.env, KUBECONFIG: inject('kubeconfig') } };
  return run(await kubectlPath(), args, input === undefined ? options : { ...options, input });
}

/** The message with which kubectl ends, for what should be refused. */
export async function refusal(args: readonly string[], input?: string): Promise<string> {
  const outcome = await kubectl(args, input).then(
    (output) => new Error(`accepted: ${output}`),
    (error: unknown) => error,
  );
  if (outcome instanceof CommandError) return outcome.message;
  throw outcome;
}

/** A namespace's worth of kubectl. */
export class Namespace {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  static async create(prefix: string): Promise<Namespace> {
    const name = `${prefix}-${Math.random().toString(36).slice(2, 7)}`;
    await kubectl(['create', 'namespace', name]);
    return new Namespace(name);
  }

  kubectl(args: readonly string[], input?: string): Promise<string> {
    return kubectl(['--namespace', this.name, ...args], input);
  }

  apply(...objects: object[]): Promise<string> {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    return this.kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(list));
  }

  /** An object; fails where it is not there. */
  get<T>(kind: string, name: string): Promise<T> {
    return readOne(this.name, kind, name);
  }

  /** All objects of a kind, or those with these labels. */
  list<T>(kind: string, selector?: string): Promise<T[]> {
    return readAll(this.name, kind, selector);
  }

  /** Names of the objects of these kinds, as `deployment.apps/hello`. */
  async names(...kinds: string[]): Promise<string[]> {
    const names = await Promise.all(kinds.map((kind) => readNames(this.name, kind)));
    return names.flat().sort();
  }

  /** The same of one kind, with these labels. */
  async namesWith(selector: string, kind: string): Promise<string[]> {
    return (await readNames(this.name, kind, selector)).sort();
  }

  /** Waits for something that `kubectl wait` knows: `condition=Ready`. What is waited for must be there. */
  wait(condition: string, ...objects: string[]): Promise<string> {
    return this.kubectl(['wait', ...objects, `--for=${condition}`, `--timeout=${patience}ms`]);
  }

  waitReady(app: string): Promise<string> {
    return this.wait('condition=Ready', `app/${app}`);
  }

  /** Runs a command in a machine of an App. */
  exec(app: string, ...command: string[]): Promise<string> {
    return this.kubectl(['exec', `deploy/${app}-app`, '--', ...command]);
  }

  delete(): Promise<string> {
    return kubectl(['delete', 'namespace', this.name, '--wait=false', '--ignore-not-found']);
  }
}

/**
 * Polls until `ready` answers something truthy, more and more seldom: each call of kubectl takes a tenth of a second of a
 * processor that other tests need. Where the moment itself matters, `every` is the milliseconds in between.
 */
export function until<T>(what: string, ready: () => Promise<T>, timeout = patience, every?: number): Promise<T> {
  if (every !== undefined) return poll(what, ready, timeout, every);
  const began = performance.now();
  const rest = () => sleep(Math.min(1_000, (performance.now() - began) / 10));
  const patiently = async () => {
    const answer = await ready().catch((error) => rest().then(() => Promise.reject(error)));
    if (!answer) await rest();
    return answer;
  };
  return poll(what, patiently, timeout);
}
