import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { App, AppSpecInput } from '../../../src/api/app.ts';
import type { ObservedClaim } from '../../../src/api/kubernetes.ts';
import type { ObservedSnapshot } from '../../../src/api/volume.ts';
import { tendVolumes } from '../../../src/controller/volumes.ts';
import { type Client, connect } from '../../../src/kube/client.ts';
import {
  configMaps,
  customResourceDefinitions,
  namespaces,
  persistentVolumeClaims,
  type Resource,
  volumeSnapshots,
} from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { until } from '../../cluster/exec.ts';
import { anApp } from '../../desired/app-fixture.ts';

const storageClasses: Resource = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  namespaced: false,
};
const namespace = `volumes-${randomBytes(4).toString('hex')}`;
const [growing, fixed] = [`growing-${namespace}`, `fixed-${namespace}`];
const now = new Date('2026-01-02T03:04:05Z');

type MountInput = NonNullable<AppSpecInput['mounts']>[number];

let client: Client;
let writes: string[] = [];
/** An App's, for all that the API server knows. */
let uid: string;

beforeAll(async () => {
  client = await connect({
    kubeConfigPath: inject('kubeconfig'),
    onRequest: ({ method }) => void (method !== 'GET' && writes.push(method)),
  });
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owner', namespace } };
  uid = (await client.create<KubeObject>(configMaps, owner)).metadata.uid ?? '';
  for (const [name, allowVolumeExpansion] of [
    [growing, true],
    [fixed, false],
  ] as const) {
    const metadata = { name };
    const meta = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata };
    await client.create(storageClasses, {
      ...meta,
      provisioner: 'example.com/none',
      allowVolumeExpansion,
    } as KubeObject);
  }
});
afterAll(() => client?.close());

function app(mount: Partial<MountInput>): App {
  const { metadata, ...rest } = anApp({ mounts: [{ name: 'data', destination: '/data', ...mount }] });
  return { ...rest, metadata: { ...metadata, namespace, uid } };
}

/** A claim as the StatefulSet makes it, bound by the hand of the test. */
async function bound(name: string, storageClassName: string): Promise<ObservedClaim> {
  const labels = { 'airfield.dev/app': 'hello', 'airfield.dev/mount': 'data' };
  const spec = { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage: '1Gi' } } };
  const metadata = { name, namespace, labels };
  await client.create(persistentVolumeClaims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata,
    spec,
  } as KubeObject);
  const status = { phase: 'Bound', capacity: { storage: '1Gi' } };
  const patched = await client.mergePatch<ObservedClaim>(
    persistentVolumeClaims,
    { namespace, name },
    { status },
    { subresource: 'status' },
  );
  writes = [];
  return patched;
}

const read = (name: string) => client.get<ObservedClaim>(persistentVolumeClaims, { namespace, name });
const tend = (app: App, claims: ObservedClaim[], snapshots?: ObservedSnapshot[]) =>
  tendVolumes(app, { claims, snapshots }, { client, now });

describe('the volumes of an App', () => {
  it('grow with their mount, in one write', async () => {
    const claim = await bound('grows', growing);
    expect(await tend(app({ size: '2048Mi' }), [claim])).toEqual({ problems: [] });
    expect(writes).toEqual(['PATCH']);
    const grown = await read('grows');
    expect(grown.spec?.resources?.requests?.storage).toBe('2Gi');
    await tend(app({ size: '2048Mi' }), [grown]);
    await tend(app({ size: '1Gi' }), [grown]);
    expect(writes).toEqual(['PATCH']);
  });

  it('that cannot grow are told with the words of the API server, and keep the App from nothing', async () => {
    const claim = await bound('fixed', fixed);
    const { problems } = await tend(app({ size: '2Gi', onDelete: 'delete' }), [claim]);
    expect(problems).toEqual([
      {
        volume: 'fixed',
        message: expect.stringMatching(/^cannot grow from 1Gi to 2Gi: Forbidden: .*must support resize/),
      },
    ]);
    expect((await read('fixed')).metadata.ownerReferences).toHaveLength(1);
  });

  it('belong to the App while they are to be deleted with it', async () => {
    const claim = await bound('owned', growing);
    await tend(app({ onDelete: 'delete' }), [claim]);
    const owned = await read('owned');
    expect(owned.metadata.ownerReferences).toEqual([
      { apiVersion: 'airfield.dev/v1alpha1', kind: 'App', name: 'hello', uid },
    ]);
    await tend(app({ onDelete: 'delete' }), [owned]);
    expect(writes).toEqual(['PATCH']);
    await tend(app({ onDelete: 'keep' }), [owned]);
    expect((await read('owned')).metadata.ownerReferences).toBeUndefined();
  });

  it('of which an older state was seen are not written over', async () => {
    const claim = await bound('stale', growing);
    await client.mergePatch(persistentVolumeClaims, { namespace, name: 'stale' }, { metadata: { labels: { a: 'b' } } });
    await expect(tend(app({ onDelete: 'delete' }), [claim])).rejects.toMatchObject({ status: 409 });
  });

  it('cost an App that has none nothing', async () => {
    const claim = await bound('nobodys', growing);
    expect(await tendVolumes(anApp(), { claims: [claim], snapshots: [] }, { client, now })).toEqual({ problems: [] });
    expect(writes).toEqual([]);
  });
});

describe('snapshots', () => {
  const daily = app({ snapshots: { every: '24h' } });

  it('are told to be missing where the cluster has no such kind', async () => {
    const claim = await bound('unsnapped', growing);
    const { problems } = await tend(daily, [claim]);
    expect(problems).toEqual([{ volume: 'data', message: expect.stringContaining('does not have VolumeSnapshot') }]);
    expect(writes).toEqual([]);
  });

  it('are made, found made already, and deleted when they are old', async () => {
    const claim = await bound('snapped', growing);
    await serveSnapshots();
    writes = [];
    expect(await tend(daily, [claim], [])).toEqual({ problems: [] });
    expect(await tend(daily, [claim], [])).toEqual({ problems: [] });
    const name = 'snapped-20260102t0304';
    const made = await client.get<ObservedSnapshot>(volumeSnapshots, { namespace, name });
    expect(made.spec).toEqual({ source: { persistentVolumeClaimName: 'snapped' } });
    // The server's clock says when a snapshot was made, so the test sees it again as older ones.
    const at = (creationTimestamp: string, uid = made.metadata.uid) =>
      ({ ...made, metadata: { ...made.metadata, creationTimestamp, uid } }) as ObservedSnapshot;
    const recent = at('2026-01-02T02:04:05Z', 'other');
    const outcome = await tend(daily, [claim], [at('2025-12-01T00:00:00Z'), recent]);
    expect(outcome).toEqual({ problems: [], requeueAfterMs: 23 * 3_600_000 });
    await expect(client.get(volumeSnapshots, { namespace, name })).rejects.toMatchObject({ status: 404 });
    await tend(daily, [claim], [at('2025-12-01T00:00:00Z'), recent]);
  });
});

/** The kind as the CSI snapshot controller brings it, as far as it matters here. */
async function serveSnapshots(): Promise<void> {
  const { apiVersion, kind, plural } = volumeSnapshots;
  const [group, name] = apiVersion.split('/');
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  await client.create(customResourceDefinitions, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes-csi/external-snapshotter/pull/419' },
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: 'volumesnapshot' },
      versions: [{ name, served: true, storage: true, schema, subresources: { status: {} } }],
    },
  } as KubeObject);
  await until('the kind to be served', async () =>
    client.list(volumeSnapshots, { namespace }).then(
      () => true,
      () => false,
    ),
  );
}
