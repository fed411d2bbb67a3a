import { placesPrefix } from '../api/meta.ts';
import { apps } from '../controller/resources.ts';
import { KubeError } from '../kube/errors.ts';
import { configMaps, services } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import { found } from './doctor-cluster.ts';
import type { Finding } from './doctor-report.ts';
import type { Session } from './session.ts';

const check = 'names';

/** The headless Services by which `<app>.internal`, and names of process groups and regions, resolve. */
export async function checkNames(session: Session): Promise<Finding> {
  const { client, namespace } = session;
  const { items } = await client.list<KubeObject>(apps, { namespace, limit: 1, metadataOnly: true });
  const [app] = items;
  if (!app) return { result: 'ok', check, message: `no App in namespace ${namespace} yet` };
  const isThere = (name: string) => found(() => client.get(services, { namespace, name }));
  if (await isThere('internal')) {
    const hasPlaces = await isThere(`${placesPrefix}${app.metadata.name}`);
    const resolves = `<app>.internal resolves in namespace ${namespace}`;
    return hasPlaces ? placeNames(session, resolves) : { result: 'ok', check, message: resolves };
  }
  const message = `namespace ${namespace} has Apps and no Service internal: <app>.internal does not resolve`;
  return { result: 'fail', check, message, next: 'see that the operator runs: it makes it' };
}

/** What CoreDNS has read nobody tells: all that can be seen is whether the lines are anywhere that it reads. */
async function placeNames({ client }: Session, resolves: string): Promise<Finding> {
  const names = '<group>.process.<app>.internal and <region>.<app>.internal';
  try {
    const all = await client.list<KubeObject & { data?: Record<string, string> }>(configMaps, {
      namespace: 'kube-system',
    });
    const isRewrite = (text: string) => text.includes('rewrite') && text.includes(`${placesPrefix}{2}.{3}`);
    const there = all.items.find(({ data = {} }) => Object.values(data).some(isRewrite));
    if (there) {
      const message = `${resolves}; ${names} do by ConfigMap kube-system/${there.metadata.name}, as it seems`;
      return { result: 'ok', check, message };
    }
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 403) throw error;
    return { result: 'ok', check, message: `${resolves}; whether ${names} do is not known` };
  }
  const message = `${resolves}; ${names} do not: no ConfigMap of kube-system has the rewrite for CoreDNS`;
  return { result: 'warn', check, message, next: '`helm get notes airfield -n airfield-system` has the lines for it' };
}
