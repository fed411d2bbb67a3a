import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { kubectl, Namespace, until } from './kubectl.ts';

// The storage class that the tests of volumes build on. Other providers bring classes of their own.

const mebibyte = 1024 ** 2;

const claim = (name: string, size: string, dataSource?: object) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: {
    storageClassName: 'airfield-csi',
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: size } },
    ...(dataSource ? { dataSource } : {}),
  },
});

/** A pod in a region that has a claim of its own name at /data. */
const pod = (name: string, region: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    nodeSelector: { 'topology.kubernetes.io/region': region },
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 },
    containers: [
      {
        name: 'main',
        image: 'airfield.local/client:1',
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
  },
});

const snapshot = (name: string, source: string) => ({
  apiVersion: 'snapshot.storage.k8s.io/v1',
  kind: 'VolumeSnapshot',
  metadata: { name },
  spec: { source: { persistentVolumeClaimName: source } },
});

interface Summary {
  pods: {
    podRef: { name: string; namespace: string };
    volume?: { pvcRef?: { name: string }; capacityBytes: number; usedBytes: number }[];
  }[];
}

describe.runIf(inject('provider') === 'embedded')('the storage class airfield-csi', () => {
  let home: Namespace;
  const sh = (name: string, script: string) => home.kubectl(['exec', name, '--', 'sh', '-c', script]);
  const ready = (name: string) => home.wait('condition=Ready', `pod/${name}`);
  /** Size of the file system in mebibytes, as the pod sees it. */
  const sizeOf = async (name: string) => Number((await sh(name, 'df -m /data | tail -n 1')).trim().split(/\s+/)[1]);

  /** What the kubelet knows about a claim; it measures every few seconds. */
  async function statistics(name: string) {
    const { spec } = await home.get<{ spec: { nodeName: string } }>('pod', name);
    const text = await kubectl(['get', '--raw', `/api/v1/nodes/${spec.nodeName}/proxy/stats/summary`]);
    const { pods } = JSON.parse(text) as Summary;
    const own = pods.find(({ podRef }) => podRef.name === name && podRef.namespace === home.name);
    return own?.volume?.find(({ pvcRef }) => pvcRef?.name === name);
  }

  beforeAll(async () => {
    home = await Namespace.create('csi');
    await home.apply(claim('one', '1Gi'), pod('one', 'fra'), claim('small', '300Mi'), pod('small', 'iad'));
    await Promise.all([ready('one'), ready('small')]);
    await sh('one', 'echo kept > /data/file');
  });
  afterAll(() => home.delete());

  it('gives a volume of the asked size', async () => {
    expect(await sizeOf('one')).toBeGreaterThan(900);
    expect(await sizeOf('one')).toBeLessThanOrEqual(1024);
  });

  it('gives a volume that can be full', async () => {
    const script = 'dd if=/dev/zero of=/data/fill bs=1M count=400 2>&1; rm /data/fill';
    expect(await sh('small', script)).toContain('No space left on device');
  });

  it('grows a volume under a running pod', async () => {
    await home.apply(claim('one', '2Gi'));
    await home.wait('jsonpath={.status.capacity.storage}=2Gi', 'pvc/one');
    expect(await sizeOf('one')).toBeGreaterThan(1900);
    expect(await sh('one', 'cat /data/file')).toBe('kept\n');
  });

  it('restores a snapshot into a larger volume, in another region', async () => {
    await home.apply(snapshot('first', 'one'));
    await home.wait('jsonpath={.status.readyToUse}=true', 'volumesnapshot/first');
    await sh('one', 'echo changed > /data/file');
    const source = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'first' };
    await home.apply(claim('copy', '3Gi', source), pod('copy', 'iad'));
    await ready('copy');
    expect(await sh('copy', 'cat /data/file')).toBe('kept\n');
    expect(await sizeOf('copy')).toBeGreaterThan(2900);
  });

  it('tells the kubelet what is used of a volume', async () => {
    // The kubelet measures now and then: what it says first may still count the file that filled the volume.
    const emptied = async () => {
      const found = await statistics('small');
      return found && found.usedBytes < 20 * mebibyte ? found : undefined;
    };
    const before = (await until('statistics of the emptied volume', emptied, 120_000))!;
    expect(before.capacityBytes).toBeGreaterThan(200 * mebibyte);
    expect(before.capacityBytes).toBeLessThanOrEqual(300 * mebibyte);
    await sh('small', 'dd if=/dev/zero of=/data/file bs=1M count=20 2>/dev/null; sync');
    const written = async () => ((await statistics('small'))?.usedBytes ?? 0) >= before.usedBytes + 20 * mebibyte;
    await until('the written bytes in the statistics', written, 120_000);
  });
});
