import { describe, expect, it } from 'vitest';
import { type Allow, podRules } from './rules.ts';
import type { ContainerPort, Namespace, NetworkPolicy, Pod } from './types.ts';

const pod = (key: string, podIP: string, labels: Record<string, string> = {}, ports: ContainerPort[] = []): Pod => {
  const [namespace = '', name = ''] = key.split('/');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: { nodeName: 'here', containers: [{ ports }] },
    status: { phase: 'Running', podIP },
  };
};
const namespace = (name: string): Namespace => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
});
const policy = (spec: NetworkPolicy['spec']): NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'p', namespace: 'acme' },
  spec,
});

const web = pod('acme/web', '10.0.0.1', { app: 'web' }, [{ name: 'http', containerPort: 8080 }]);
const db = pod('acme/db', '10.0.0.2', { app: 'db' }, [{ name: 'http', containerPort: 5000 }]);
const spy = pod('evil/spy', '10.0.0.9', { app: 'web' });
const rules = (...specs: NetworkPolicy['spec'][]) =>
  podRules({
    node: 'here',
    pods: [web, db, spy],
    namespaces: [namespace('acme'), namespace('evil')],
    policies: specs.map(policy),
  });
const selectWeb = { podSelector: { matchLabels: { app: 'web' } } };
const everywhere = { namespaceSelector: {} };
const tcp = (from: number, to = from) => [{ protocol: 'tcp', range: [from, to] }];

describe('the rules of a node', () => {
  it('leave pods alone that no policy selects, and pods of other namespaces', () => {
    expect(rules()).toEqual([]);
    expect(rules(selectWeb).map(({ ip }) => ip)).toEqual(['10.0.0.1']);
  });

  it('close ingress only, unless egress is named', () => {
    expect(rules(selectWeb)).toEqual([{ ip: '10.0.0.1', ingress: [] }]);
    expect(rules({ ...selectWeb, policyTypes: ['Egress'] })).toEqual([{ ip: '10.0.0.1', egress: [] }]);
    expect(rules({ ...selectWeb, egress: [{}] })).toEqual([
      { ip: '10.0.0.1', ingress: [], egress: [{ peer: 'any', ports: 'any' }] },
    ]);
  });

  it('add up over policies', () => {
    const [first] = rules(
      selectWeb,
      { ...selectWeb, ingress: [{ ports: [{ port: 80 }] }] },
      { ...selectWeb, ingress: [{}] },
    );
    expect(first?.ingress).toHaveLength(2);
  });

  it.each<[string, NonNullable<NetworkPolicy['spec']['ingress']>[number], Allow[]]>([
    ['everybody, where no peer is named', {}, [{ peer: 'any', ports: 'any' }]],
    [
      'pods of the same namespace',
      { from: [{ podSelector: {} }] },
      [{ peer: { pods: ['10.0.0.1', '10.0.0.2'] }, ports: 'any' }],
    ],
    [
      'pods of selected namespaces',
      { from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'evil' } } }] },
      [{ peer: { pods: ['10.0.0.9'] }, ports: 'any' }],
    ],
    [
      'pods that both selectors select',
      { from: [{ ...everywhere, podSelector: { matchLabels: { app: 'db' } } }] },
      [{ peer: { pods: ['10.0.0.2'] }, ports: 'any' }],
    ],
    [
      'nobody, where nobody is selected',
      { from: [{ podSelector: { matchLabels: { a: 'b' } } }] },
      [{ peer: { pods: [] }, ports: 'any' }],
    ],
    [
      'a block but for its exceptions',
      { from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] },
      [{ peer: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] }, ports: 'any' }],
    ],
    ['a range of ports', { ports: [{ port: 80, endPort: 90 }] }, [{ peer: 'any', ports: tcp(80, 90) as never }]],
    ['a port by its name on the pod', { ports: [{ port: 'http' }] }, [{ peer: 'any', ports: tcp(8080) as never }]],
    ['no port, where the name is unknown', { ports: [{ port: 'nope' }] }, [{ peer: 'any', ports: [] }]],
    ['a whole protocol', { ports: [{ protocol: 'UDP' }] }, [{ peer: 'any', ports: [{ protocol: 'udp' }] }]],
  ])('let in %s', (_, ingress, expected) => {
    expect(rules({ ...selectWeb, ingress: [ingress] })[0]?.ingress).toEqual(expected);
  });

  it('resolve a named port on the way out at each pod that is spoken to', () => {
    const [first] = rules({
      ...selectWeb,
      egress: [{ to: [{ podSelector: {} }], ports: [{ port: 'http' }, { port: 53, protocol: 'UDP' }] }],
    });
    expect(first?.egress).toEqual([
      { peer: { pods: ['10.0.0.1', '10.0.0.2'] }, ports: [{ protocol: 'udp', range: [53, 53] }] },
      { peer: { pods: ['10.0.0.1'] }, ports: tcp(8080) },
      { peer: { pods: ['10.0.0.2'] }, ports: tcp(5000) },
    ]);
  });

  it.each<[string, Partial<Pod['spec']>, Pod['status']]>([
    ['on another node', { nodeName: 'there' }, { phase: 'Running', podIP: '10.0.0.3' }],
    ['on the host network', { hostNetwork: true }, { phase: 'Running', podIP: '10.0.0.3' }],
    ['finished, whose address may be another pod’s by now', {}, { phase: 'Succeeded', podIP: '10.0.0.3' }],
    ['without an address yet', {}, { phase: 'Pending' }],
  ])('leave out a pod %s', (_, spec, status) => {
    const other = pod('acme/other', '', { app: 'web' });
    const world = { node: 'here', namespaces: [], policies: [policy(selectWeb)] };
    expect(podRules({ ...world, pods: [{ ...other, spec: { ...other.spec, ...spec }, status } as Pod] })).toEqual([]);
  });
});
