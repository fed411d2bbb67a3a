import { label } from '../api/meta.ts';
import type { KubeObject } from '../kube/types.ts';

/** A Secret of Airfield as it is stored. */
interface StoredSecret extends KubeObject {
  spec?: unknown;
}

/** Keys of the Apps that a Secret names; the App of its own name where it names none. */
export const namedApps = ({ metadata, spec }: StoredSecret): string[] => {
  const { apps = [metadata.name] } = (spec ?? {}) as { apps?: string[] };
  return apps.map((app) => `${metadata.namespace}/${app}`);
};

/** Keys of the core Secrets that a Secret has values from, and of the one that it becomes. */
export const namedSources = ({ metadata, spec }: StoredSecret): string[] => {
  const { data = {} } = (spec ?? {}) as { data?: Record<string, { secretKeyRef?: { name: string } }> };
  const names = Object.values(data).flatMap(({ secretKeyRef }) => (secretKeyRef ? [secretKeyRef.name] : []));
  return [...new Set([metadata.name, ...names])].map((name) => `${metadata.namespace}/${name}`);
};

/** `namespace/app/hash` of the values of secrets that something has, or gives to its pods. */
export const valuesUsed = (object: KubeObject): string[] => {
  const { namespace, labels } = object.metadata;
  const all = [labels, ...templateLabels(object)];
  const used = all.flatMap((one) =>
    one?.[label.secrets] ? [`${namespace}/${one[label.app]}/${one[label.secrets]}`] : [],
  );
  return [...new Set(used)];
};

type Labelled = { readonly metadata?: { readonly labels?: Record<string, string> } };

/** Labels of the pods of a workload, of a Job, or of the Jobs of a CronJob. */
function templateLabels(object: KubeObject): (Record<string, string> | undefined)[] {
  const { spec } = object as { spec?: { template?: Labelled; jobTemplate?: { spec?: { template?: Labelled } } } };
  return [spec?.template?.metadata?.labels, spec?.jobTemplate?.spec?.template?.metadata?.labels];
}

/** Of what is only referred to, which version it is. */
export function slimSource({ metadata: { name, namespace, uid, resourceVersion } }: KubeObject): KubeObject {
  const metadata = {
    name,
    ...(namespace && { namespace }),
    ...(uid && { uid }),
    ...(resourceVersion && { resourceVersion }),
  };
  return { apiVersion: 'v1', kind: 'Secret', metadata };
}
