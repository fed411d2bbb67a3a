import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { authorityFile, readTokens, writeKubeconfig } from '../cluster/credentials.ts';
import { apiPort, pathsOf } from '../cluster/embedded/components.ts';
import { attach } from '../cluster/embedded/machine.ts';
import { planNodes } from '../cluster/embedded/plan.ts';

export interface Inside {
  /** Runs what follows it in the network of the cluster's first node. */
  readonly command: readonly string[];
  /** The address that connections from there come from. */
  readonly address: string;
  /** Reaches the API server from there. */
  readonly kubeconfig: string;
}

/** The network inside of an embedded cluster, from where machines can be reached. */
export async function inside(cluster = inject('cluster')): Promise<Inside> {
  const [plan] = planNodes(cluster, 1);
  const machine = await attach(plan);
  if (!machine) throw new Error(`cluster ${cluster} is not an embedded one that runs`);
  const { dir, pki } = pathsOf(cluster);
  const [ca, tokens] = await Promise.all([readFile(authorityFile(pki), 'utf8'), readTokens(pki)]);
  const kubeconfig = join(dir, 'kubeconfig-inside');
  const server = `https://${plan.ip}:${apiPort}`;
  await writeKubeconfig(kubeconfig, { name: 'inside', server, ca, token: tokens.admin ?? '' });
  return { command: ['nsenter', `--net=/proc/${machine.pid}/ns/net`, '--'], address: plan.ip, kubeconfig };
}
