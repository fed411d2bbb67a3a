import type { TestProject } from 'vitest/node';
import { chooseProvider } from '../cluster/choose.ts';
import { auditLogPath } from '../cluster/embedded/restart.ts';
import { buildImage } from '../cluster/image/build.ts';
import { onStderr } from '../cluster/progress.ts';
import '../cluster/provided.ts';

const name = 'airfield-test';

/**
 * A cluster of two nodes for all files of the project `cluster`, with the image `airfield.local/client:1`; taken down
 * afterwards, or with AIRFIELD_KEEP_CLUSTER kept for the next run. Fails, never skips, where none can be had.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const keep = Boolean(process.env.AIRFIELD_KEEP_CLUSTER);
  const provider = await chooseProvider({ name });
  if (!keep) await provider.down(onStderr);
  await provider.up({ nodes: 2, apiOnly: false }, onStderr);
  await provider.loadImage(await buildImage(`${import.meta.dirname}/images/client`), onStderr);
  project.provide('kubeconfig', await provider.kubeconfig());
  project.provide('auditLog', provider.kind === 'embedded' ? auditLogPath(name) : '');
  project.provide('cluster', name);
  project.provide('provider', provider.kind);
  return async () => {
    if (!keep) await provider.down(onStderr);
  };
}
