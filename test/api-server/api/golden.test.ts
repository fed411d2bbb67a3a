import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { apps, machines, schedules, secrets } from '../../../src/controller/resources.ts';
import { connect } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { serveOwnKinds } from '../own-kinds.ts';

const golden = join(import.meta.dirname, '..', '..', 'golden');
const client = await connect({ kubeConfigPath: inject('kubeconfig') });

const kinds = { App: apps, Machine: machines, Schedule: schedules, Secret: secrets };

beforeAll(async () => {
  await serveOwnKinds(client);
});

interface Document extends KubeObject {
  readonly kind: keyof typeof kinds;
  readonly spec: object;
}

it.each(readdirSync(golden))('what %s converts to is accepted, and stored as it was printed', async (name) => {
  // kubectl reads YAML 1.1.
  const documents = parseAllDocuments(readFileSync(join(golden, name, 'expected.yaml'), 'utf8'), { version: '1.1' });
  for (const document of documents.map((one) => one.toJS() as Document)) {
    const object = { ...document, metadata: { ...document.metadata, namespace: 'default' } };
    const stored = await client.apply(kinds[document.kind], object, { fieldManager: 'golden', dryRun: true });
    expect({ kind: document.kind, spec: stored.spec }).toMatchObject({ kind: document.kind, spec: document.spec });
  }
});
