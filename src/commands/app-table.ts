import type { App } from '../api/app.ts';
import { age } from './age.ts';
import { table } from './table.ts';

/** An App as one line; `--output json` prints it as it is, so fields are only ever added. */
export interface AppRow {
  readonly namespace: string;
  readonly name: string;
  readonly ready: string;
  readonly reason: string;
  readonly machines: string;
  readonly release: number | null;
  readonly phase: string | null;
  readonly image: string;
  readonly url: string | null;
  readonly createdAt: string;
}

/** By namespace and name. */
export function appRows(apps: readonly App[]): AppRow[] {
  const rows = apps.map(({ metadata, spec, status }): AppRow => {
    const ready = status.conditions?.find(({ type }) => type === 'Ready');
    return {
      namespace: metadata.namespace,
      name: metadata.name,
      ready: ready?.status ?? 'Unknown',
      reason: ready?.reason ?? 'NotSeen',
      machines: status.machines ?? '-',
      release: status.release?.version ?? null,
      phase: status.release?.phase ?? null,
      image: status.release?.image ?? spec.image,
      url: status.urls?.[0] ?? null,
      createdAt: metadata.creationTimestamp ?? '',
    };
  });
  return rows.sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
}

export function appTable(
  rows: readonly AppRow[],
  { now, withNamespace }: { readonly now: Date; readonly withNamespace: boolean },
): string {
  const where = (text: string) => (withNamespace ? [text] : []);
  const header = [...where('NAMESPACE'), 'APP', 'READY', 'REASON', 'MACHINES', 'RELEASE', 'IMAGE', 'URL', 'AGE'];
  const cells = rows.map(({ namespace, name, ready, reason, machines, release, phase, image, url, createdAt }) => [
    ...where(namespace),
    name,
    ready,
    reason,
    machines,
    release === null ? '-' : phase === 'complete' ? `${release}` : `${release} ${phase}`,
    image,
    url ?? '-',
    age(createdAt, now),
  ]);
  return table(header, cells);
}
