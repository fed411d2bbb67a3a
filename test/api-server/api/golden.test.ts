import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { appCrd } from '../../../src/api/crds.ts';
import { apps } from '../../../src/controller/resources.ts';
import { type Addressed, connect } from '../../../src/kube/client.ts';
import { customResourceDefinitions } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { until } from '../../cluster/exec.ts';

const golden = join(import.meta.dirname, '..', '..', 'golden');
const client = await connect({ kubeConfigPath: inject('kubeconfig') });

beforeAll(async () => {
  await client.apply(customResourceDefinitions, appCrd() as Addressed, { fieldManager: 'test', force: true });
  await until('the CRD to be served', () => client.list(apps, { limit: 1 }));
});

it.each(readdirSync(golden))('what %s converts to is accepted, and stored as it was printed', async (name) => {
  // kubectl reads YAML 1.1.
  const app = parse(readFileSync(join(golden, name, 'expected.yaml'), 'utf8'), { version: '1.1' });
  const object: KubeObject & { spec: object } = { ...app, metadata: { ...app.metadata, namespace: 'default' } };
  const stored = await client.apply(apps, object, { fieldManager: 'golden', dryRun: true });
  expect(stored.spec).toMatchObject(app.spec);
});
