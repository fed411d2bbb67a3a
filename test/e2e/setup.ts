import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { kubectlPath } from '../cluster/binaries.ts';
import { chooseProvider } from '../cluster/choose.ts';
import { auditLogPath } from '../cluster/embedded/restart.ts';
import { run, succeeds } from '../cluster/exec.ts';
import { buildImage } from '../cluster/image/build.ts';
import { onStderr } from '../cluster/progress.ts';
import '../cluster/provided.ts';
import { buildAirfieldImage } from './airfield-image.ts';
import { podMonitorCrd } from './pod-monitor-crd.ts';

/** Several may run side by side, each on a cluster of its own. */
const name = process.env.AIRFIELD_TEST_CLUSTER ?? 'airfield-test';
const recipes = [
  'images/client',
  'images/echo',
  'images/hello-3000',
  'images/versioned',
  'images/traffic',
  'images/shell-less',
  '../../examples/hello',
];
const given = ['kubeconfig', 'auditLog', 'cluster', 'provider'] as const;

/**
 * A cluster of two nodes with CSI storage for all files of the projects `cluster` and `cluster-alone`, with the images of
 * the tests and the CRDs; taken down when all have run, or with AIRFIELD_KEEP_CLUSTER kept for the next run. Fails, never
 * skips, where none can be had.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const other = project.vitest.projects.find((one) => one !== project && one.getProvidedContext().cluster === name);
  if (other) {
    for (const key of given) project.provide(key, other.getProvidedContext()[key]);
    return undefined;
  }
  const keep = Boolean(process.env.AIRFIELD_KEEP_CLUSTER);
  const provider = await chooseProvider({ name });
  if (!keep) await provider.down(onStderr);
  await provider.up({ nodes: 2, apiOnly: false, csi: true }, onStderr);
  for (const recipe of recipes) await provider.loadImage(await buildImage(join(import.meta.dirname, recipe)), onStderr);
  await provider.loadImage(await buildAirfieldImage(), onStderr);
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

/** Those of Airfield, and before any operator looks for it the kind PodMonitor, where the cluster has it not already. */
async function applyCrds(kubeconfig: string): Promise<void> {
  const program = await kubectlPath();
  const here = (...args: string[]) => ['--kubeconfig', kubeconfig, ...args];
  const kubectl = (args: readonly string[], input = '') => run(program, here(...args), { input });
  const podMonitors = podMonitorCrd.metadata.name;
  if (!(await succeeds(program, here('get', 'crd', podMonitors)))) {
    await kubectl(['create', '-f', '-'], JSON.stringify(podMonitorCrd));
  }
  // On a cluster that was kept, Helm has written them, too.
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', join(import.meta.dirname, '..', '..', 'crds')]);
  const names = ['crd/apps.airfield.dev', `crd/${podMonitors}`];
  await kubectl(['wait', '--for=condition=Established', ...names, '--timeout=30s']);
}
