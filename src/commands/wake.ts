import { setTimeout as sleep } from 'node:timers/promises';
import type { ObservedDeployment } from '../api/kubernetes.ts';
import { label, scaledAnnotation } from '../api/meta.ts';
import { isConflict, isForbidden } from '../kube/errors.ts';
import { deployments, type Resource, statefulSets } from '../kube/resources.ts';
import { CommandError } from './command-error.ts';
import { cliManager } from './field-manager.ts';
import type { Session } from './session.ts';

type Workload = Pick<ObservedDeployment, 'metadata' | 'spec'>;

/**
 * Starts the first machine of an App that is stopped for want of work, as gates do it: from 0 to 1, with the version that
 * was seen. False where nothing of it is stopped this way. Throws a CommandError for who may not.
 */
export async function wakeApp({ client, namespace, signal }: Session, app: string, process?: string): Promise<boolean> {
  const labelSelector = [`${label.app}=${app}`, ...(process ? [`${label.process}=${process}`] : [])].join(',');
  for (const resource of [deployments, statefulSets]) {
    const { items } = await client.list<Workload>(resource, { namespace, labelSelector, signal });
    const asleep = items.find(({ metadata, spec }) => {
      return metadata.annotations?.[scaledAnnotation] === 'true' && spec?.replicas === 0;
    });
    if (!asleep) continue;
    await start({ client, namespace }, resource, asleep, app);
    return true;
  }
  return false;
}

async function start(
  { client, namespace }: Pick<Session, 'client' | 'namespace'>,
  resource: Resource,
  { metadata }: Workload,
  app: string,
): Promise<void> {
  const { name, resourceVersion } = metadata;
  const patch = { metadata: { resourceVersion }, spec: { replicas: 1 } };
  try {
    await client.mergePatch(resource, { namespace, name }, patch, { subresource: 'scale', fieldManager: cliManager });
  } catch (error) {
    if (isForbidden(error))
      throw new CommandError(`${app} sleeps, and you may not start a machine: a request to one of its URLs does`);
    // Somebody else is just doing it.
    if (!isConflict(error)) throw error;
  }
}

/** Asks again until there is an answer, or the time is up. */
export async function untilThere<T>(
  ask: () => Promise<T | undefined>,
  { ms, signal }: { readonly ms: number; readonly signal: AbortSignal },
): Promise<T | undefined> {
  const until = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || signal.aborted || Date.now() > until) return answer;
    await sleep(500, undefined, { signal }).catch(() => {});
  }
}
