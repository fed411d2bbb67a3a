import type { App } from '../api/app.ts';
import type { ControllerRevision } from '../api/kubernetes.ts';
import { journalAnnotation, label } from '../api/meta.ts';
import type { Release } from '../api/release.ts';
import { appLabels } from './labels.ts';
import { revisionName } from './names.ts';

/** A release as it is kept: what it is made of, which never changes, and its journal, which tells how it went. */
export function revision(app: App, release: Release): ControllerRevision {
  const { version, hash, journal, spec, deploy, scale, services, mounts, rollbackOf } = release;
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: revisionName(app.metadata.name, version),
      namespace: app.metadata.namespace,
      labels: { ...appLabels(app), [label.release]: `${version}`, [label.revision]: hash },
      annotations: { [journalAnnotation]: JSON.stringify(journal) },
    },
    revision: version,
    data: { spec, deploy, scale, services, mounts, ...(rollbackOf !== undefined && { rollbackOf }) },
  };
}
