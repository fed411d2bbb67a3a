import { inject } from 'vitest';
import type { AppSpecInput } from '../../../src/api/app.ts';
import { appCrd } from '../../../src/api/crds.ts';
import { apiVersion } from '../../../src/api/meta.ts';
import { apps } from '../../../src/controller/resources.ts';
import { type Addressed, connect } from '../../../src/kube/client.ts';
import { customResourceDefinitions } from '../../../src/kube/resources.ts';
import { until } from '../../cluster/exec.ts';

export const client = await connect({ kubeConfigPath: inject('kubeconfig') });

/** What the API server says to an App; nothing is kept. */
export async function verdict(spec: Partial<AppSpecInput> | object, name = 'hello'): Promise<string> {
  const object = { apiVersion, kind: 'App', metadata: { name, namespace: 'default' }, spec: { image: 'x:1', ...spec } };
  return client.apply(apps, object, { fieldManager: 'test', dryRun: true }).then(
    () => 'accepted',
    (error: Error) => error.message.replaceAll('Invalid value: ', ''),
  );
}

export async function installCrd(): Promise<void> {
  await client.apply(customResourceDefinitions, appCrd() as Addressed, { fieldManager: 'test', force: true });
  await until('the CRD to be served', async () => (await verdict({})) === 'accepted');
}
