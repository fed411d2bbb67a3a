import type { ObservedRevision } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import { readRelease } from '../api/read-release.ts';
import type { Release } from '../api/release.ts';
import { controllerRevisions } from '../kube/resources.ts';
import type { FoundApp } from './find-app.ts';
import type { Session } from './session.ts';

/** The releases of an App that are kept, by version. */
export async function releasesOfApp(
  { client, namespace }: Session,
  { name, app }: Pick<FoundApp, 'name' | 'app'>,
): Promise<Release[]> {
  const labelSelector = `${label.app}=${name},${label.revision}`;
  const { items } = await client.list<ObservedRevision>(controllerRevisions, { namespace, labelSelector });
  // Those of an App of the same name that is just being collected are another one's.
  const own = items.filter(({ metadata }) => {
    const owners = metadata.ownerReferences ?? [];
    return owners.length === 0 || owners.some(({ uid }) => uid === app.metadata.uid);
  });
  const releases = own.map(readRelease).filter((release) => release !== undefined);
  return releases.sort((a, b) => a.version - b.version);
}

/** The one whose machines serve: the last one that was complete. */
export function servingOf(releases: readonly Release[]): Release | undefined {
  return releases.findLast(({ journal }) => journal.phase === 'complete');
}
