import { inject } from 'vitest';
import { ownKinds, secrets } from '../../src/controller/resources.ts';
import { type Client, connect } from '../../src/kube/client.ts';
import type { Resource } from '../../src/kube/resources.ts';
import * as builtIn from '../../src/kube/resources.ts';
import type { KubeObject } from '../../src/kube/types.ts';

/**
 * Reads without kubectl. What a test waits for it asks for again and again, and each process of kubectl takes a tenth of a
 * second of a processor that machines need; a request on a connection that is kept takes a hundredth of that.
 */

const isResource = (one: unknown): one is Resource => typeof one === 'object' && one !== null && 'plural' in one;
const replicaSets: Resource = { apiVersion: 'apps/v1', kind: 'ReplicaSet', plural: 'replicasets', namespaced: true };
const all = [...Object.values(builtIn).filter(isResource), replicaSets, ...ownKinds];

/** Names of kubectl that are no kind, singular or plural. `secret` is that of Kubernetes, as it is for kubectl. */
const shortNames: Readonly<Record<string, Resource>> = { pvc: builtIn.persistentVolumeClaims, afsec: secrets };

const groupOf = ({ apiVersion }: Resource) => (apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '');
const singular = ({ kind }: Resource) => kind.toLowerCase();

function resourceOf(word: string): Resource {
  // As kubectl: `pods`, `pod`, `machines.airfield.dev`, or `secrets.v1.` for the group without a name.
  const [name, group] = word.replace('.v1.', '.').split(/\.(.*)/);
  const isMeant = (one: Resource) =>
    (one.plural === name || singular(one) === name) && (group === undefined || groupOf(one) === group);
  const found = shortNames[word] ?? all.find(isMeant);
  if (!found) throw new Error(`${word} is no kind that tests read: name it in test/e2e/reads.ts`);
  return found;
}

let client: Promise<Client> | undefined;
const connected = () => {
  client ??= connect({ kubeConfigPath: inject('kubeconfig'), userAgent: 'tests' });
  return client;
};

export async function readOne<T>(namespace: string, kind: string, name: string): Promise<T> {
  return (await connected()).get<T>(resourceOf(kind), { namespace, name });
}

/** All of a kind; `selector` is one of labels. */
export async function readAll<T>(namespace: string, kind: string, selector = ''): Promise<T[]> {
  return (await (await connected()).list<T>(resourceOf(kind), { namespace, labelSelector: selector })).items;
}

/** Tells of all objects of a kind as they are now, and then of each that changes, without a gap, until the signal. */
export async function follow<T>(
  namespace: string,
  kind: string,
  { signal, onObject }: { signal: AbortSignal; onObject: (object: T) => void },
): Promise<void> {
  const [resource, api] = [resourceOf(kind), await connected()];
  const { items, metadata } = await api.list<T>(resource, { namespace });
  items.forEach(onObject);
  const options = { namespace, resourceVersion: metadata.resourceVersion, signal, idleTimeoutMs: 3_600_000 };
  const watch = async () => {
    for await (const { object } of api.watch<T>(resource, options)) onObject(object);
  };
  void watch().catch((error: unknown) => console.error(`the watch of ${kind} has ended:`, error));
}

/** Their names as kubectl prints them: `deployment.apps/hello`. */
export async function readNames(namespace: string, kind: string, selector = ''): Promise<string[]> {
  const resource = resourceOf(kind);
  const options = { namespace, labelSelector: selector, metadataOnly: true };
  const { items } = await (await connected()).list<KubeObject>(resource, options);
  const type = [singular(resource), groupOf(resource)].filter(Boolean).join('.');
  return items.map(({ metadata }) => `${type}/${metadata.name}`);
}
