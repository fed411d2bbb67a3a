import type { App, AppSpecInput } from '../../src/api/app.ts';
import type { ObservedClaim } from '../../src/api/kubernetes.ts';
import type { ObservedSnapshot } from '../../src/api/volume.ts';
import { anApp } from './app-fixture.ts';

type MountInput = NonNullable<AppSpecInput['mounts']>[number];

/** An App with one mount `data`. */
export function appWithData(mount: Partial<MountInput> = {}): App {
  return anApp({ mounts: [{ name: 'data', destination: '/data', ...mount }] });
}

/** A bound claim of that mount, as the API server has it. */
export function aClaim(request = '1Gi', more: Partial<ObservedClaim['metadata']> = {}): ObservedClaim {
  const resources = { requests: { storage: request } };
  const labels = {
    'airfield.dev/app': 'hello',
    'airfield.dev/mount': 'data',
    'airfield.dev/process': 'app',
    'airfield.dev/workload': 'hello-app',
  };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data-hello-app-0', namespace: 'acme', resourceVersion: '7', labels, ...more },
    spec: { resources },
    status: { phase: 'Bound', capacity: { storage: request } },
  };
}

/** A snapshot of that claim, made some hours ago. */
export function aSnapshot(hoursAgo: number, now: number, status: ObservedSnapshot['status'] = { readyToUse: true }) {
  const creationTimestamp = new Date(now - hoursAgo * 3_600_000).toISOString();
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: {
      name: `${hoursAgo}h`,
      namespace: 'acme',
      uid: `uid-${hoursAgo}`,
      creationTimestamp,
      labels: { 'airfield.dev/mount': 'data', 'airfield.dev/app': 'hello' },
    },
    spec: { source: { persistentVolumeClaimName: 'data-hello-app-0' } },
    status,
  } satisfies ObservedSnapshot;
}
