import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Client, connect } from '../../../src/kube/client.ts';
import { isGone } from '../../../src/kube/errors.ts';
import { Informer } from '../../../src/kube/informer.ts';
import { configMaps } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { until } from '../../cluster/exec.ts';

let server: ApiServer;
let client: Client;
let informer: Informer<KubeObject>;

const configMap = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'default', name },
});

beforeAll(async () => {
  server = await startApiServer();
  client = await connect({ kubeConfigPath: server.kubeconfig });
});
afterAll(async () => {
  await informer?.stop();
  client?.close();
  await server?.stop();
});

it('an informer survives that the API server is killed and comes back', async () => {
  const told: string[] = [];
  informer = new Informer<KubeObject>({ client, resource: configMaps, namespace: 'default' });
  informer.onChange((key, current, previous) =>
    told.push(`${previous ? 'was' : 'new'} ${current ? 'is' : 'gone'} ${key}`),
  );
  informer.start();
  await informer.synced;
  const knows = (name: string) =>
    until(`the informer knows ${name}`, async () => !!informer.store.get(`default/${name}`));
  await client.create(configMaps, configMap('before'));
  await client.create(configMaps, configMap('deleted'));
  await knows('deleted');

  await server.restart();
  await client.delete(configMaps, { namespace: 'default', name: 'deleted' });
  await client.create(configMaps, configMap('after'));
  await knows('after');

  await until('the deletion is known', async () => !informer.store.get('default/deleted'));
  expect(told.filter((line) => line.endsWith('/before'))).toEqual(['new is default/before']);
  expect(told.filter((line) => line.endsWith('/deleted'))).toEqual([
    'new is default/deleted',
    'was gone default/deleted',
  ]);
  expect(informer.restarts).toBeGreaterThan(0);
});

it('a version from before the API server began is told as gone', async () => {
  const old = client.watch(configMaps, { namespace: 'default', resourceVersion: '1' });
  await expect(old.next()).rejects.toSatisfy(isGone);
});
