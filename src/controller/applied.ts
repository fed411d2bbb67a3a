import { createHash } from 'node:crypto';
import type { CoreSecret } from '../api/kubernetes.ts';
import { group } from '../api/meta.ts';
import type { KubeObject, OwnerReference } from '../kube/types.ts';

/** What children belong to: an object that owns them, or the operator itself where several objects share them. */
export type Owner = KubeObject | undefined;

/** Carries a hash of what was applied last, so that a field that is no longer desired is noticed. */
export const appliedAnnotation = `${group}/applied`;

/** What was applied last, if it was ever. */
export const appliedHash = ({ metadata }: KubeObject) => metadata.annotations?.[appliedAnnotation];

/** A child with its owner and the hash of what it should be. */
export function marked(child: KubeObject, owner: Owner): KubeObject {
  const ownerReferences = owner ? [referenceTo(owner)] : undefined;
  const metadata = { ...child.metadata, ...(ownerReferences && { ownerReferences }) };
  const text = JSON.stringify(inOrder({ ...withoutValues(child), metadata }));
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { ...child, metadata: { ...metadata, annotations: { ...metadata.annotations, [appliedAnnotation]: hash } } };
}

/** Anybody could try which value it is that a hash was made of; what else a core Secret says changes with its values. */
function withoutValues(child: KubeObject): KubeObject {
  if (child.kind !== 'Secret') return child;
  return { ...child, data: Object.keys((child as Partial<CoreSecret>).data ?? {}) } as KubeObject;
}

/** For JSON that does not depend on the order in which an object was put together. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const object = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(object).sort();
  return Object.fromEntries(names.map((name) => [name, inOrder(object[name])]));
}

function referenceTo({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true };
}
