import { copiedFrom } from '../desired/certificates.ts';
import { keyOf } from '../kube/types.ts';
import type { Caches } from './caches.ts';
import type { Controller } from './controller.ts';

type Target = Pick<Controller, 'enqueue'>;

/** Which Apps a change of a Secret with their certificate, or of a copy of one, puts into the queues. */
export function wakeForCertificates(
  {
    apps,
    sources,
    certificates,
    formerCertificates,
  }: Pick<Caches, 'apps' | 'sources' | 'certificates' | 'formerCertificates'>,
  { app, certificate }: { readonly app: Target; readonly certificate: Target },
): void {
  sources.onChange((key) => {
    for (const { metadata } of apps.store.byIndex('certificate', key)) {
      certificate.enqueue(keyOf(metadata));
      app.enqueue(keyOf(metadata));
    }
  });
  // Also a copy of an App that went while nobody looked.
  for (const copies of [certificates, formerCertificates]) {
    copies?.onChange((_, current, previous) => {
      for (const copy of [current, previous]) {
        const from = copy && copiedFrom(copy);
        if (from) certificate.enqueue(from.app);
      }
    });
  }
}
