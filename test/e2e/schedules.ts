import { join } from 'node:path';
import { inject } from 'vitest';
import type { ScheduleSpecInput, ScheduleStatus } from '../../src/api/schedule.ts';
import { CommandError, run } from '../cluster/exec.ts';
import { type Namespace, patience, until } from './kubectl.ts';

const cli = join(import.meta.dirname, '..', '..', 'src', 'cli.ts');

export function schedule(name: string, spec: Partial<ScheduleSpecInput> = {}): object {
  const usual = { app: 'client', schedule: '0 0 1 1 *', command: ['true'] };
  return { apiVersion: 'airfield.dev/v1alpha1', kind: 'Schedule', metadata: { name }, spec: { ...usual, ...spec } };
}

/** A shell as the program of a run. */
export const shell = (script: string) => ({ command: ['sh', '-c', script] });

/** The Schedules of a namespace, and what people do with them. */
export class Schedules {
  readonly #namespace: Namespace;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  apply(name: string, spec: Partial<ScheduleSpecInput> = {}): Promise<string> {
    return this.#namespace.apply(schedule(name, spec));
  }

  async status(name: string): Promise<Partial<ScheduleStatus>> {
    return (await this.#namespace.get<{ status?: ScheduleStatus }>('schedules.airfield.dev', name)).status ?? {};
  }

  /** Waits until a condition has this reason, and gives back its message. */
  async told(name: string, reason: string | RegExp, type = 'Ready'): Promise<string> {
    const told = await until(`${name} to say ${type} ${reason}`, async () => {
      const { conditions = [] } = await this.status(name);
      return conditions.find((one) => one.type === type && new RegExp(reason).test(one.reason));
    });
    return told?.message ?? '';
  }

  /** `airfield run-now`, with what it says and its exit code. */
  async runNow(name: string, ...args: string[]): Promise<{ job: string; said: string; code: number }> {
    const all = [cli, 'run-now', name, '--namespace', this.#namespace.name, ...args];
    const env = { ...process.env, KUBECONFIG: inject('kubeconfig') };
    try {
      const output = await run(process.execPath, all, { timeout: patience + 30_000, env });
      return { job: output.trim(), said: '', code: 0 };
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return { job: '', said: error.message, code: error.code ?? -1 };
    }
  }

  /** Begins a run, waits until it has ended well, and gives back what it said. */
  async outputOf(name: string): Promise<string> {
    const { job, said, code } = await this.runNow(name, '--wait', '--timeout', `${patience / 1000}s`);
    if (code !== 0) throw new Error(`run-now ended with ${code}: ${said}`);
    return this.#namespace.kubectl(['logs', job]);
  }

  /** Lets the CronJob controller believe that the last run was due ten minutes ago, so that a missed one begins at once. */
  async missed(name: string): Promise<void> {
    const lastScheduleTime = new Date(Date.now() - 600_000).toISOString();
    const patch = JSON.stringify({ status: { lastScheduleTime } });
    await this.#namespace.kubectl(['patch', 'cronjob', name, '--subresource=status', '--type=merge', '-p', patch]);
  }

  /** Names of the Jobs of a Schedule. */
  jobs(name: string): Promise<string[]> {
    return this.#namespace.namesWith(`airfield.dev/schedule=${name}`, 'jobs');
  }
}
