import { beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { readConfig } from '../../src/config.ts';
import { readGateConfig } from '../../src/gate/config-env.ts';
import { haproxyCommand, haproxyPreStop } from '../../src/gate/haproxy-command.ts';
import { buildTimeoutMs, type Container, helm, type Manifest, podsOf, render, valuesFiles } from './helm.ts';
import { refusedByRestricted } from './restricted.ts';

beforeAll(() => helm(['version']), buildTimeoutMs);

const of = (objects: readonly Manifest[], ...kinds: string[]) => objects.filter(({ kind }) => kinds.includes(kind));

const containers = (objects: readonly Manifest[]) => podsOf(objects).flatMap((pod) => pod.containers);

function container(objects: readonly Manifest[], name: string): Container {
  const found = containers(objects).find((one) => one.name === name);
  if (!found) throw new Error(`there is no container ${name}`);
  return found;
}

/** As the process gets it; of what comes from a Secret, any value. */
const environment = (objects: readonly Manifest[], name: string) =>
  Object.fromEntries(container(objects, name).env.map(({ name, value = 'a-token-of-this-length' }) => [name, value]));

describe.each(valuesFiles)('what comes of the values %s', (name) => {
  let objects: Manifest[];
  beforeAll(async () => {
    objects = await render(name);
  });

  it('grants no wildcard', () => {
    const rules = of(objects, 'Role', 'ClusterRole').flatMap((role) => role.rules ?? []);
    expect(rules.length).toBeGreaterThan(5);
    expect(rules.filter((rule) => JSON.stringify(rule).includes('"*"'))).toEqual([]);
  });

  it('gives the operator an environment that it takes', () => {
    expect(() => readConfig(environment(objects, 'operator'))).not.toThrow();
  });

  it.skipIf(name === 'no-gates')('gives gates an environment that they take', () => {
    expect(() => readGateConfig(environment(objects, 'gate'))).not.toThrow();
    expect(environment(objects, 'haproxy')).toEqual(environment(objects, 'gate'));
  });

  it('has pods that pass the Pod Security Standard restricted', () => {
    const pods = podsOf(objects);
    expect(pods.length).toBeGreaterThan(1);
    expect(pods.flatMap(refusedByRestricted)).toEqual([]);
  });

  it('has nothing in other namespaces than its own and the one it looks at, but for CoreDNS', () => {
    const own = ['airfield-system', 'airfield-system-certificates', 'acme'];
    const others = objects.filter(({ metadata: { namespace } }) => ![...own, undefined].includes(namespace));
    const names = others.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
    expect(names).toEqual(name === 'dns-rewrite' ? ['ConfigMap kube-system/coredns-custom'] : []);
  });
});

describe('the chart', () => {
  it('runs HAProxy beside a gate by the words that the gate knows', async () => {
    const haproxy = container(await render('defaults'), 'haproxy');
    expect(haproxy.command).toEqual(haproxyCommand);
    expect(haproxy.lifecycle?.preStop.exec.command).toEqual(haproxyPreStop);
  });

  it('leaves CRDs and what protects Apps behind, but for crds.keep=false', async () => {
    const kinds = ['CustomResourceDefinition', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'];
    const kept = ({ metadata }: Manifest) => metadata.annotations?.['helm.sh/resource-policy'] === 'keep';
    const usual = of(await render('defaults'), ...kinds);
    expect(usual.length).toBeGreaterThan(8);
    expect(usual.filter((object) => !kept(object))).toEqual([]);
    expect(of(await render('defaults', '--set', 'crds.keep=false'), ...kinds).filter(kept)).toEqual([]);
  });

  it('looks at one namespace with permissions of that namespace alone, but for nodes', async () => {
    const objects = await render('one-namespace');
    const rules = of(objects, 'ClusterRole').filter(({ metadata }) => metadata.name.startsWith('airfield-operator'));
    expect(rules.flatMap((role) => role.rules)).toEqual([{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }]);
    expect(of(objects, 'ClusterRoleBinding').map(({ metadata }) => metadata.name)).toEqual(['airfield-operator-nodes']);
  });

  it('reads nodes/proxy only where that is asked for', async () => {
    const grants = async (name: string) =>
      JSON.stringify(of(await render(name), 'ClusterRole')).includes('nodes/proxy');
    expect([await grants('defaults'), await grants('large')]).toEqual([false, true]);
  });

  it('lets gates read Secrets only where they serve hosts, in a namespace with nothing else', async () => {
    const rendered = async (name: string, ...options: string[]) => {
      const objects = await render(name, ...options);
      const reading = of(objects, 'Role', 'ClusterRole').filter(
        ({ metadata, rules }) => metadata.name.startsWith('airfield-gate') && JSON.stringify(rules).includes('secrets'),
      );
      return {
        made: of(objects, 'Namespace').map(({ metadata }) => metadata.name),
        roles: reading.map(({ kind, metadata }) => `${kind} ${metadata.namespace}`),
        gate: environment(objects, 'gate').AIRFIELD_GATE_CERTIFICATES_NAMESPACE,
        operator: environment(objects, 'operator').AIRFIELD_GATES_CERTIFICATES_NAMESPACE,
      };
    };
    const at = (name: string) => ({ roles: [`Role ${name}`], gate: name, operator: name });
    expect(await rendered('defaults')).toEqual({ made: [], roles: [], gate: undefined, operator: undefined });
    const usual = 'airfield-system-certificates';
    expect(await rendered('edge-gate')).toEqual({ made: [usual], ...at(usual) });
    const own = ['--set', 'edge.certificates.namespace=tls,edge.certificates.create=false'];
    expect(await rendered('edge-gate', ...own)).toEqual({ made: [], ...at('tls') });
  });

  it('lets an operator of one namespace write certificates for gates', async () => {
    const objects = await render('edge-gate', '--set', 'watchNamespace=acme');
    const role = of(objects, 'Role').find(({ metadata }) => metadata.name === 'airfield-operator-certificates');
    expect(role?.metadata.namespace).toBe('airfield-system-certificates');
    expect(of(await render('edge-gate'), 'Role').map(({ metadata }) => metadata.name)).not.toContain(
      'airfield-operator-certificates',
    );
  });

  it('makes a token for gates, or takes a Secret that is there', async () => {
    const tokens = async (name: string) => of(await render(name), 'Secret').map(({ data }) => atob(data?.token ?? ''));
    expect(await tokens('defaults')).toEqual([expect.stringMatching(/^\w{40}$/)]);
    expect(await tokens('own-names')).toEqual([]);
  });

  it('takes images from where it is told, also by their digest', async () => {
    const images = async (name: string) => [...new Set(containers(await render(name)).map(({ image }) => image))];
    expect(await images('defaults')).toEqual([`airfield.local/airfield:${manifest.version}`]);
    expect(await images('own-names')).toEqual([
      expect.stringMatching(/^registry\.example\.com:5000\/platform\/airfield@sha256:\w{64}$/),
    ]);
  });

  it('leads clients in by a Service where gates are the edge, and nowhere else', async () => {
    const services = async (name: string) => of(await render(name), 'Service').map(({ metadata }) => metadata.name);
    expect(await services('edge-gate')).toContain('airfield-edge');
    expect(await services('edge-ingress')).toEqual(['airfield-gate', 'airfield-operator']);
  });

  it('opens no port of Apps at the gates, which the operator does, and hosts where gates are the edge', async () => {
    const ingress = async (name: string) => {
      const [policy] = of(await render(name), 'NetworkPolicy').filter(
        ({ metadata }) => metadata.name === 'airfield-gate',
      );
      return (policy?.spec as { ingress?: { from?: object[]; ports?: object[] }[] } | undefined)?.ingress ?? [];
    };
    const open = async (name: string) => (await ingress(name)).filter(({ from }) => !from).map(({ ports }) => ports);
    expect(await ingress('defaults')).toEqual([{ from: expect.anything(), ports: [{ port: 'admin' }] }]);
    expect(await open('edge-gate')).toEqual([[{ port: 'http' }, { port: 'https' }]]);
    expect(environment(await render('defaults'), 'operator')).toMatchObject({ AIRFIELD_GATES_POLICIES: 'on' });
    const without = await render('defaults', '--set', 'networkPolicy.enabled=false');
    expect(of(without, 'NetworkPolicy')).toEqual([]);
    expect(environment(without, 'operator')).toMatchObject({ AIRFIELD_GATES_POLICIES: 'off' });
  });

  it('lets Prometheus in from the namespaces that it is in', async () => {
    const policies = of(await render('monitoring'), 'NetworkPolicy').map((policy) => JSON.stringify(policy));
    expect(policies.filter((policy) => policy.includes('["monitoring","tracing"]'))).toHaveLength(2);
  });
});
