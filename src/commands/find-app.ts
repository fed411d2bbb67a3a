import type { App } from '../api/app.ts';
import type { Stored } from '../api/read.ts';
import { readApp } from '../api/read-app.ts';
import { apps } from '../controller/resources.ts';
import { isForbidden, isNotFound, type KubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/types.ts';
import { appNameOf } from './app-name.ts';
import { CommandError } from './command-error.ts';
import type { Session } from './session.ts';

/** An App with the defaults of its spec, and as it is stored. */
export interface FoundApp {
  readonly name: string;
  readonly app: App;
  readonly stored: KubeObject & Stored & { readonly metadata: { readonly managedFields?: ManagedFields } };
}

type ManagedFields = readonly { readonly manager?: string; readonly operation?: string; readonly time?: string }[];

/** The App that a verb is about. Throws a CommandError that names those that are there. */
export async function findApp(session: Session, flags: { readonly app?: string }): Promise<FoundApp> {
  return getApp(session, await appNameOf(flags));
}

export async function getApp({ client, namespace }: Session, name: string): Promise<FoundApp> {
  try {
    const stored = await client.get<FoundApp['stored']>(apps, { namespace, name });
    return { name, stored, app: readApp(stored).app };
  } catch (error) {
    // A kind that is not known has no `details`.
    if (!isNotFound(error) || (error as KubeError).details?.kind !== apps.plural) throw error;
    throw new CommandError(await unknown({ client, namespace }, name));
  }
}

async function unknown({ client, namespace }: Pick<Session, 'client' | 'namespace'>, name: string): Promise<string> {
  const { items } = await client.list<KubeObject>(apps, { namespace, metadataOnly: true }).catch((error: unknown) => {
    // A token for one App may not see the others.
    if (isForbidden(error)) return { items: undefined };
    throw error;
  });
  if (!items) return `there is no App ${name} in namespace ${namespace}: see whether both are right`;
  const there = items.map(({ metadata }) => metadata.name);
  const none = 'there is none: `airfield status -A` shows those of all namespaces';
  const named = there.length > 10 ? `${there.slice(0, 10).join(', ')} and ${there.length - 10} more` : there.join(', ');
  return `there is no App ${name} in namespace ${namespace}; ${there.length > 0 ? `there are ${named}` : none}`;
}
