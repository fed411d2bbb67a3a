import type { Addressed, Client } from '../../../src/kube/client.ts';
import * as kinds from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';

const labels = { 'airfield.dev/app': 'web', 'airfield.dev/process': 'app', 'app.kubernetes.io/managed-by': 'airfield' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'theirs' }] } };
const selector = { matchLabels: labels };

/** Objects of somebody else, with the names and labels that Airfield's have. */
const theirs: readonly [kinds.Resource, string, object][] = [
  [kinds.deployments, 'web-app', { spec: { selector, template } }],
  [kinds.statefulSets, 'db-app', { spec: { selector, template, serviceName: 'x' } }],
  [kinds.services, 'web', { spec: { ports: [{ port: 80 }] } }],
  [kinds.services, 'internal', { spec: { ports: [{ port: 80 }] } }],
  [kinds.networkPolicies, 'web', { spec: { podSelector: {} } }],
  [kinds.configMaps, 'web', { data: { a: 'theirs' } }],
  [kinds.secrets, 'web', { data: { a: 'dGhlaXJz' } }],
  [kinds.secrets, 'tls', { type: 'kubernetes.io/tls', data: { 'tls.crt': 'eA==', 'tls.key': 'eA==' } }],
];

export async function createBystanders(client: Client, namespace: string): Promise<void> {
  for (const [kind, name, content] of theirs)
    await client.create(kind, { metadata: { name, namespace, labels }, ...content } as Addressed);
}

/** What there is of them, with their versions: the same text as long as nobody has touched them. */
export async function bystanders(client: Client, namespace: string): Promise<string[]> {
  const found = theirs.map(async ([kind, name]) => {
    const { metadata } = await client.get<KubeObject>(kind, { namespace, name });
    return `${kind.kind} ${namespace}/${name} ${metadata.uid} ${metadata.resourceVersion}`;
  });
  return Promise.all(found);
}
