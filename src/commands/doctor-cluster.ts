import { crds } from '../api/crds.ts';
import { isNotFound, type KubeError } from '../kube/errors.ts';
import { customResourceDefinitions, type Resource } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import { gatewayClasses, ingressClasses, snapshotClasses, storageClasses } from './core-resources.ts';
import { fieldsOf } from './crd-fields.ts';
import type { Finding } from './doctor-report.ts';
import type { Session } from './session.ts';

/** Container probes of gRPC, `resize` of pods and sidecars as Airfield uses them. */
const oldestMinor = 33;

export async function checkApiServer({ client }: Session): Promise<Finding> {
  const check = 'API server';
  const { gitVersion, minor } = await client.version();
  const message = `${client.server.origin}, Kubernetes ${gitVersion}`;
  if (Number.parseInt(minor, 10) >= oldestMinor) return { result: 'ok', check, message };
  return { result: 'fail', check, message, next: `update the cluster to Kubernetes 1.${oldestMinor} or newer` };
}

/** That the kinds are there, and have the fields that this version knows. */
export async function checkKinds({ client }: Session): Promise<Finding> {
  const check = 'kinds';
  const next = 'kubectl apply --server-side -f crds/, or `helm upgrade` of the chart';
  const wanted = crds() as unknown as KubeObject[];
  for (const crd of wanted) {
    const { name } = crd.metadata;
    const stored = await found(() => client.get<KubeObject>(customResourceDefinitions, { name }));
    if (!stored) return { result: 'fail', check, message: `the cluster does not know ${name}`, next };
    const [here, there] = [fieldsOf(crd), fieldsOf(stored)];
    const missing = [...here].find((field) => !there.has(field));
    if (missing) return { result: 'fail', check, message: `${name} is older than this program: no ${missing}`, next };
    const unknown = [...there].find((field) => !here.has(field));
    const update = 'update this program to the version of the operator';
    if (unknown)
      return { result: 'warn', check, message: `${name} is newer than this program: ${unknown}`, next: update };
  }
  const names = wanted.map(({ metadata }) => metadata.name.split('.')[0]);
  return { result: 'ok', check, message: `${names.join(', ')} are those of this version` };
}

export async function checkMetrics({ client }: Session): Promise<Finding> {
  const check = 'metrics API';
  const there = await found(() => client.raw('GET', '/apis/metrics.k8s.io/v1beta1'));
  if (there) return { result: 'ok', check, message: '`kubectl top` and autoscalers have figures' };
  const message = 'not there: `kubectl top` and HorizontalPodAutoscalers have no figures';
  return { result: 'warn', check, message, next: 'install metrics-server' };
}

export async function checkStorage({ client }: Session): Promise<Finding> {
  const check = 'volumes';
  const { items } = await client.list<KubeObject & { allowVolumeExpansion?: boolean }>(storageClasses);
  const standard = items.find(({ metadata }) => {
    return metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
  });
  if (!standard) {
    const message = 'no default StorageClass: Apps with mounts wait for ever, unless the mount names one';
    const next = `kubectl annotate storageclass NAME storageclass.kubernetes.io/is-default-class=true`;
    return { result: 'warn', check, message, next };
  }
  const { name } = standard.metadata;
  const message = `default StorageClass ${name}`;
  if (standard.allowVolumeExpansion) return { result: 'ok', check, message };
  const next = `use a class with \`allowVolumeExpansion: true\` where volumes shall grow`;
  return { result: 'warn', check, message: `${message}, whose volumes cannot grow`, next };
}

export async function checkSnapshots(session: Session): Promise<Finding> {
  const check = 'snapshots';
  const names = await namesOf(session, snapshotClasses);
  if (names.length > 0) return { result: 'ok', check, message: `VolumeSnapshotClass ${names.join(', ')}` };
  const message = 'no VolumeSnapshotClass: volumes have no snapshots';
  return { result: 'warn', check, message, next: 'install a CSI driver with the snapshot controller and a class' };
}

export async function checkEdge(session: Session): Promise<Finding> {
  const check = 'edge';
  const classes = await namesOf(session, ingressClasses);
  const gateways = await namesOf(session, gatewayClasses);
  const there = [...classes.map((name) => `IngressClass ${name}`), ...gateways.map((name) => `GatewayClass ${name}`)];
  if (there.length > 0) return { result: 'ok', check, message: there.join(', ') };
  const message = 'neither an ingress controller nor the Gateway API: only gates can serve Apps to the outside';
  return {
    result: 'warn',
    check,
    message,
    next: 'install the chart with `--set edge.kind=gate`, or an ingress controller',
  };
}

async function namesOf({ client }: Session, resource: Resource): Promise<string[]> {
  const list = await found(() => client.list<KubeObject>(resource, { metadataOnly: true }));
  return (list?.items ?? []).map(({ metadata }) => metadata.name);
}

/** Undefined where the cluster does not have it. */
export async function found<T>(get: () => Promise<T>): Promise<T | undefined> {
  return get().catch((error: KubeError) => {
    // An APIService whose server is away answers 503.
    if (isNotFound(error) || error.status === 503) return undefined;
    throw error;
  });
}
