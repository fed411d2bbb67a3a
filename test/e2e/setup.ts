import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { kubectlPath } from '../cluster/binaries.ts';
import { chooseProvider } from '../cluster/choose.ts';
import { auditLogPath } from '../cluster/embedded/restart.ts';
import { run } from '../cluster/exec.ts';
import { buildImage } from '../cluster/image/build.ts';
import { onStderr } from '../cluster/progress.ts';
import '../cluster/provided.ts';

/** Several may run side by side, each on a cluster of its own. */
const name = process.env.AIRFIELD_TEST_CLUSTER ?? 'airfield-test';
const recipes = [
  'images/client',
  'images/hello-3000',
  'images/versioned',
  'images/traffic',
  'images/shell-less',
  '../../examples/hello',
];

/**
 * A cluster of two nodes with CSI storage for all files of the project `cluster`, with the images of the tests and the
 * CRDs; taken down afterwards, or with AIRFIELD_KEEP_CLUSTER kept for the next run. Fails, never skips, where none can
 * be had.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const keep = Boolean(process.env.AIRFIELD_KEEP_CLUSTER);
  const provider = await chooseProvider({ name });
  if (!keep) await provider.down(onStderr);
  await provider.up({ nodes: 2, apiOnly: false, csi: true }, onStderr);
  for (const recipe of recipes) await provider.loadImage(await buildImage(join(import.meta.dirname, recipe)), onStderr);
  const kubeconfig = await provider.kubeconfig();
  await applyCrds(kubeconfig);
  project.provide('kubeconfig', kubeconfig);
  project.provide('auditLog', provider.kind === 'embedded' ? auditLogPath(name) : '');
  project.provide('cluster', name);
  project.provide('provider', provider.kind);
  return async () => {
    if (!keep) await provider.down(onStderr);
  };
}

async function applyCrds(kubeconfig: string): Promise<void> {
  const kubectl = async (...args: string[]) => run(await kubectlPath(), ['--kubeconfig', kubeconfig, ...args]);
  await kubectl('apply', '--server-side', '-f', join(import.meta.dirname, '..', '..', 'crds'));
  await kubectl('wait', '--for=condition=Established', 'crd/apps.airfield.dev', '--timeout=30s');
}
