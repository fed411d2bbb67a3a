import type { KubeObject } from '../kube/types.ts';

/** A program that keeps objects as Git, or a chart, says. */
export interface GitOps {
  readonly tool: 'Argo CD' | 'Flux' | 'Helm';
  /** What of it the object belongs to. */
  readonly source: string;
  /** How to keep it from putting the object back for a while. */
  readonly pause?: string;
}

type Managed = KubeObject & {
  readonly metadata: { readonly managedFields?: readonly { readonly manager?: string }[] };
};

const argo = 'argocd.argoproj.io';

/** What keeps an object; undefined where people do. */
export function gitOpsOf({ metadata }: Managed): GitOps | undefined {
  const { labels = {}, annotations = {}, managedFields = [] } = metadata;
  const has = (name: RegExp) => managedFields.some(({ manager = '' }) => name.test(manager));
  const application = annotations[`${argo}/tracking-id`]?.split(':')[0] ?? labels[`${argo}/instance`];
  if (application) {
    const pause = `argocd app set ${application} --sync-policy none`;
    return { tool: 'Argo CD', source: `Application ${application}`, pause };
  }
  for (const [kind, word] of fluxKinds) {
    const name = labels[`${word}.toolkit.fluxcd.io/name`];
    const namespace = labels[`${word}.toolkit.fluxcd.io/namespace`] ?? 'flux-system';
    const pause = `flux suspend ${kind.toLowerCase()} ${name} -n ${namespace}`;
    if (name) return { tool: 'Flux', source: `${kind} ${namespace}/${name}`, pause };
  }
  if (has(/^argocd-/)) return { tool: 'Argo CD', source: 'an Application' };
  if (has(/^(kustomize|helm)-controller$/)) return { tool: 'Flux', source: 'a Kustomization or HelmRelease' };
  const release = annotations['meta.helm.sh/release-name'];
  return release ? { tool: 'Helm', source: `release ${release}` } : undefined;
}

const fluxKinds = [
  ['Kustomization', 'kustomize'],
  ['HelmRelease', 'helm'],
] as const;

/** What to say before something is changed that is kept elsewhere; `change` is what to write there. */
export function gitOpsWarning({ tool, source, pause }: GitOps, change: string): string {
  const meanwhile = pause ? `; until then \`${pause}\` keeps it from that` : '';
  return `${tool} (${source}) manages this App and may undo this: write \`${change}\` there, too${meanwhile}`;
}
