import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EditOrder } from './bare-editor.ts';
import type { BareRun, ConvergeOrder } from './bare-operator.ts';
import type { BenchCluster } from './cluster.ts';
import type { Template } from './template.ts';

export interface Floor extends BareRun {
  readonly serverSeconds: number;
}

/** Runs the bare client that makes the same Apps, children and statuses as the operator does. */
export function convergeFloor(
  cluster: BenchCluster,
  template: Template,
  order: Omit<ConvergeOrder, 'kubeconfig' | 'template'>,
): Promise<Floor> {
  return withFile(template, async (path) => {
    const before = cluster.cpuSeconds;
    const whole: ConvergeOrder = { ...order, kubeconfig: cluster.kubeconfig, template: path };
    const child = program('bare-operator.ts', whole);
    const ended = once(child, 'exit');
    const output = Buffer.concat((await child.stdout?.toArray()) ?? []).toString();
    const [code] = await ended;
    if (code !== 0) throw new Error('the bare client has failed');
    return { ...(JSON.parse(output) as BareRun), serverSeconds: cluster.cpuSeconds - before };
  });
}

/** While the task runs, the bare client writes what changes of Apps lead to. */
export function editFloor<T>(cluster: BenchCluster, template: Template, task: () => Promise<T>): Promise<T> {
  return withFile(template, async (path) => {
    const order: EditOrder = { kubeconfig: cluster.kubeconfig, template: path, connections: 32 };
    const child = program('bare-editor.ts', order);
    try {
      if (child.stdout) await once(child.stdout, 'data');
      return await task();
    } finally {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  });
}

async function withFile<T>(template: Template, task: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'airfield-bench-'));
  try {
    const path = join(folder, 'template.json');
    writeFileSync(path, JSON.stringify(template));
    return await task(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function program(file: string, order: object): ChildProcess {
  const args = [join(import.meta.dirname, file), JSON.stringify(order)];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}
