import { type KubeObject, keyOf } from '../kube/types.ts';
import { type Caches, ownerKey } from './caches.ts';
import type { Controller } from './controller.ts';
import { namedApps } from './secret-index.ts';

/** Which Secrets and Apps a change of a Secret, or of a core Secret, puts into their queues. */
export function wakeForSecrets(
  { secrets, coreSecrets, sources }: Pick<Caches, 'secrets' | 'coreSecrets' | 'sources'>,
  { app, secret }: { readonly app: Pick<Controller, 'enqueue'>; readonly secret: Pick<Controller, 'enqueue'> },
): void {
  const put = (index: string, key: string) => {
    for (const { metadata } of secrets.store.byIndex(index, key)) secret.enqueue(keyOf(metadata));
  };
  /** Who has values from a core Secret, or wants its name. */
  const wakeReferring = (key: string) => put('source', key);

  secrets.onChange((key, current, previous) => {
    secret.enqueue(key);
    const named = [current, previous].flatMap((one) => (one ? namedApps(one) : []));
    for (const one of new Set(named)) {
      app.enqueue(one);
      // Another one that sets the same variable is told of it.
      if (current?.metadata.generation !== previous?.metadata.generation) put('app', one);
    }
  });
  coreSecrets.onChange((key, current, previous) => {
    wakeReferring(key);
    const secretOf = ownerKey((current ?? previous) as KubeObject, 'Secret');
    const named = secretOf && secrets.store.get(secretOf);
    if (named) for (const one of namedApps(named)) app.enqueue(one);
  });
  sources.onChange(wakeReferring);
}
