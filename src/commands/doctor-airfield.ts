import type { ObservedDeployment, ObservedPod } from '../api/kubernetes.ts';
import { gateLabels, label, operatorLabels } from '../api/meta.ts';
import { isReady } from '../desired/ready.ts';
import { deployments, leases, pods } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import { age } from './age.ts';
import type { Finding } from './doctor-report.ts';
import type { Session } from './session.ts';

type StoredLease = KubeObject & { readonly spec?: { readonly holderIdentity?: string; readonly renewTime?: string } };

/** A leader renews every two seconds; others take over after fifteen. */
const silentMs = 60_000;

const labelled = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');

/** That an operator leads, wherever it runs. */
export async function checkOperator({ client }: Session, now: Date, version: string): Promise<Finding> {
  const check = 'operator';
  const labelSelector = `${labelled(operatorLabels)},${label.component}=operator`;
  const [deployed, claimed] = await Promise.all([
    client.list<ObservedDeployment>(deployments, { labelSelector }),
    client.list<StoredLease>(leases, { fieldSelector: 'metadata.name=airfield-operator' }),
  ]);
  const [deployment] = deployed.items;
  const { namespace = '', name = '' } = deployment?.metadata ?? {};
  const own = deployment ? (await client.list<StoredLease>(leases, { namespace })).items : [];
  const all = [...own.filter(({ metadata }) => metadata.name.endsWith('operator')), ...claimed.items];
  const leading = all.find(({ spec }) => now.getTime() - Date.parse(spec?.renewTime ?? '') < silentMs);
  if (leading?.spec?.holderIdentity) {
    const image = deployment?.spec?.template.spec?.containers[0]?.image ?? '';
    const message = `${leading.spec.holderIdentity} leads${deployment ? `, ${readyOf(deployment)}` : ''}`;
    return otherVersion(image, version) ?? { result: 'ok', check, message };
  }
  if (!deployment)
    return {
      result: 'fail',
      check,
      message: 'none is seen: neither its Deployment, nor a Lease airfield-operator that is renewed',
      next: 'helm install airfield charts/airfield -n airfield-system --create-namespace',
    };
  const silent = all[0]?.spec?.renewTime ? `, for ${age(all[0].spec.renewTime, now)}` : '';
  const message = `${namespace}/${name} is there and nobody leads${silent}; ${readyOf(deployment)}`;
  return { result: 'fail', check, message, next: `kubectl -n ${namespace} logs deploy/${name}` };
}

function otherVersion(image: string, version: string): Finding | undefined {
  const tag = /:v?(\d+\.\d+\.\d+[\w.-]*)(@|$)/.exec(image)?.[1];
  if (!tag || tag === version) return undefined;
  const next = `use the version of the operator here, or update that with \`helm upgrade\``;
  return { result: 'warn', check: 'operator', message: `is version ${tag}, and this program is ${version}`, next };
}

const readyOf = ({ status, spec }: ObservedDeployment) =>
  `${status?.readyReplicas ?? 0} of ${spec?.replicas ?? 1} ready`;

export async function checkGates({ client }: Session): Promise<Finding> {
  const check = 'gates';
  const { items } = await client.list<ObservedPod>(pods, { labelSelector: labelled(gateLabels) });
  const ready = items.filter(isReady);
  const [first] = items;
  if (ready.length > 0) return { result: 'ok', check, message: `${ready.length} of ${items.length} ready` };
  if (!first) {
    const message = 'there is none: nothing is stopped without work, and limits and handlers of services do not hold';
    return { result: 'warn', check, message, next: 'helm upgrade … --set gate.enabled=true' };
  }
  const where = `-n ${first.metadata.namespace} ${first.metadata.name}`;
  return { result: 'fail', check, message: `none of ${items.length} is ready`, next: `kubectl logs ${where}` };
}
