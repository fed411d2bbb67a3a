import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Manifest } from '../chart/helm.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface Entry {
  readonly verb: string;
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
  };
  readonly responseStatus?: { readonly code?: number };
}

/** What somebody was seen to do, each as `patch apps/deployments/scale`, where `core` stands for the group without a name. */
export interface Seen {
  readonly done: ReadonlySet<string>;
  /** Namespaces that it has done something in. */
  readonly namespaces: ReadonlySet<string>;
}

const permission = (verb: string, group: string, resource: string) => `${verb} ${group || 'core'}/${resource}`;

/** What all roles of these names allow together. */
export function granted(objects: readonly Manifest[], name: RegExp): Set<string> {
  const roles = objects.filter(({ kind, metadata }) => kind.endsWith('Role') && name.test(metadata.name));
  const rules = roles.flatMap((role) => (role.rules ?? []) as Rule[]);
  const each = ({ apiGroups, resources, verbs }: Rule) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => permission(verb, group, resource))),
    );
  return new Set(rules.flatMap(each));
}

/** What a program did according to the audit log of an API server, by its user agent; not what it was refused. */
export async function seen(log: string, userAgent: string): Promise<Seen> {
  const [done, namespaces] = [new Set<string>(), new Set<string>()];
  for await (const line of createInterface({ input: createReadStream(log) })) {
    if (!line.includes(userAgent)) continue;
    const { verb, userAgent: who, objectRef = {}, responseStatus }: Entry = JSON.parse(line);
    const { apiGroup = '', resource, subresource, namespace } = objectRef;
    if (who !== userAgent || !resource || responseStatus?.code === 403) continue;
    const what = subresource ? `${resource}/${subresource}` : resource;
    done.add(permission(verb, apiGroup, what));
    // Applying what is not there yet takes both.
    if (verb === 'patch' && responseStatus?.code === 201) done.add(permission('create', apiGroup, what));
    if (namespace) namespaces.add(namespace);
  }
  return { done, namespaces };
}
