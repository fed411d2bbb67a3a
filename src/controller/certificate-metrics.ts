import { certificateExpiry, copiedFrom, hostsOfCopy, type StoredCopy } from '../desired/certificates.ts';
import type { Family } from '../exposition.ts';
import { splitKey } from '../kube/types.ts';
import { seconds } from './told-metrics.ts';

/** Reading a certificate costs more than all else; a copy that has changed is another object. */
const expiries = new WeakMap<StoredCopy, Date | undefined>();

/** Of the certificates that gates serve. Those that an ingress serves are not Airfield's to read. */
export function certificateMetrics(copies: readonly StoredCopy[]): Family {
  return {
    name: 'airfield_certificate_expiry_timestamp_seconds',
    help: 'When the certificate of a host expires',
    type: 'gauge',
    samples: copies.flatMap((copy) => {
      const from = copiedFrom(copy);
      const expiry = seconds(expiryOf(copy));
      if (!from || expiry === undefined) return [];
      const { namespace, name: app } = splitKey(from.app);
      return hostsOfCopy(copy).map((host) => [{ namespace, app, host }, expiry] as const);
    }),
  };
}

function expiryOf(copy: StoredCopy): Date | undefined {
  if (!expiries.has(copy)) expiries.set(copy, certificateExpiry(copy));
  return expiries.get(copy);
}
