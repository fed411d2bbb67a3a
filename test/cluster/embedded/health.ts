import { type Endpoint, get } from '../get.ts';

/** Whether `count` nodes are there and all Ready. */
export async function nodesReady(endpoint: Endpoint, count: number): Promise<boolean> {
  const { status, body } = await get(endpoint, '/api/v1/nodes');
  if (status !== 200) return false;
  const { items } = JSON.parse(body) as { items: { status: { conditions?: { type: string; status: string }[] } }[] };
  const ready = items.filter(({ status }) =>
    status.conditions?.some((it) => it.type === 'Ready' && it.status === 'True'),
  );
  return ready.length === count && items.length === count;
}

/** Whether this CSI driver is registered on `count` nodes. */
export async function driverReady(endpoint: Endpoint, driver: string, count: number): Promise<boolean> {
  const { status, body } = await get(endpoint, '/apis/storage.k8s.io/v1/csinodes');
  if (status !== 200) return false;
  const { items } = JSON.parse(body) as { items: { spec: { drivers: { name: string }[] | null } }[] };
  return items.filter(({ spec }) => spec.drivers?.some(({ name }) => name === driver)).length === count;
}

/** Whether CoreDNS and the storage provisioner have a ready pod each. */
export async function addonsReady(endpoint: Endpoint): Promise<boolean> {
  for (const path of ['kube-system/deployments/coredns', 'local-path-storage/deployments/local-path-provisioner']) {
    const { status, body } = await get(endpoint, `/apis/apps/v1/namespaces/${path}`);
    if (status !== 200 || !JSON.parse(body).status.readyReplicas) return false;
  }
  return true;
}
