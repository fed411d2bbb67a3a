import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BareRun, ConvergeOrder } from './bare-operator.ts';
import type { BenchCluster } from './cluster.ts';
import type { Template } from './template.ts';

const program = join(import.meta.dirname, 'bare-operator.ts');

export interface Floor extends BareRun {
  readonly serverSeconds: number;
}

/** Runs the bare client that makes the same Apps, children and statuses as the operator does. */
export async function convergeFloor(
  cluster: BenchCluster,
  template: Template,
  order: Pick<ConvergeOrder, 'way' | 'apps' | 'connections'>,
): Promise<Floor> {
  const folder = mkdtempSync(join(tmpdir(), 'airfield-bench-'));
  try {
    const path = join(folder, 'template.json');
    writeFileSync(path, JSON.stringify(template));
    const before = cluster.cpuSeconds;
    const run = await outputOf({ ...order, kubeconfig: cluster.kubeconfig, template: path });
    return { ...(JSON.parse(run) as BareRun), serverSeconds: cluster.cpuSeconds - before };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function outputOf(order: ConvergeOrder): Promise<string> {
  const child = spawn(process.execPath, [program, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const output = Buffer.concat(await child.stdout.toArray()).toString();
  if ((await ended) !== 0) throw new Error('the bare client has failed');
  return output;
}
