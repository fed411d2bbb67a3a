import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { apps } from '../../src/controller/resources.ts';
import { type Addressed, type Client, connect } from '../../src/kube/client.ts';
import { isForbidden } from '../../src/kube/errors.ts';
import { deployments, services } from '../../src/kube/resources.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { type ApiServer, startApiServer } from '../cluster/api-server.ts';
import { until } from '../cluster/exec.ts';
import { helloApp } from '../e2e/apps.ts';
import { OperatorProcess } from '../e2e/operator.ts';
import { serveOwnKinds } from './own-kinds.ts';

let server: ApiServer;
let client: Client;
let folder: string;
let operator: OperatorProcess | undefined;

beforeAll(async () => {
  server = await startApiServer();
  client = await connect({ kubeConfigPath: server.kubeconfig });
  folder = await mkdtemp(join(tmpdir(), 'airfield-operator-'));
});
afterEach(async () => {
  await operator?.stop();
  operator = undefined;
});
afterAll(async () => {
  client.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

/** The kubeconfig with something else in the place of a text. */
async function kubeconfigWith(text: string, other: string): Promise<string> {
  const path = join(folder, 'kubeconfig');
  await writeFile(path, (await readFile(server.kubeconfig, 'utf8')).replace(text, other), { mode: 0o600 });
  return path;
}

/** What an operator says that cannot work: all of it. */
async function lastWords(kubeconfig: string, env = {}): Promise<string[]> {
  const process = new OperatorProcess({ kubeconfig, env });
  expect(await process.ended).toBe(1);
  return process.lines.filter((line) => !line.startsWith('{'));
}

const admission = '/apis/admissionregistration.k8s.io/v1';

/** An admission policy as a company may have one; it holds a moment after it was made. */
async function forbidDeployments(client: Client): Promise<void> {
  const metadata = { name: 'none' };
  const rule = { apiGroups: ['apps'], apiVersions: ['*'], operations: ['CREATE'], resources: ['deployments'] };
  const validations = [{ expression: 'false', message: 'not on a Sunday', reason: 'Forbidden' }];
  const spec = { failurePolicy: 'Fail', matchConstraints: { resourceRules: [rule] }, validations };
  await client.raw('POST', `${admission}/validatingadmissionpolicies`, { metadata, spec });
  const binding = { metadata, spec: { policyName: 'none', validationActions: ['Deny'] } };
  await client.raw('POST', `${admission}/validatingadmissionpolicybindings`, binding);
  const probe = {
    metadata: { name: 'probe', namespace: 'default' },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'a' }] } },
    },
  };
  await until('the policy to hold', () =>
    client.create(deployments, probe, { dryRun: true }).then(() => false, isForbidden),
  );
}

const appIn = (name: string): Addressed => {
  const object = helloApp(name) as Addressed;
  return { ...object, metadata: { ...object.metadata, namespace: 'default' } };
};

describe('an operator that cannot work says so in one line', () => {
  it('where there is no cluster', async () => {
    const lines = await lastWords(await kubeconfigWith(server.url, 'https://127.0.0.1:1'));
    expect(lines).toEqual([
      expect.stringMatching(
        /^airfield: Unreachable: no connection to https:\/\/127\.0\.0\.1:1 .*is the cluster running/,
      ),
    ]);
  });

  it('where there is no kubeconfig', async () => {
    const lines = await lastWords(join(folder, 'nothing'));
    expect(lines).toEqual([expect.stringMatching(/^airfield: .*nothing/)]);
  });

  it('where the cluster does not know Apps, with the command that tells it', async () => {
    expect(await lastWords(server.kubeconfig)).toEqual([
      'airfield: the cluster does not know the kind App: run `kubectl apply --server-side -f crds/` first',
    ]);
  });

  it('where it has no permission, with the permission', async () => {
    await serveOwnKinds(client);
    const lines = await lastWords(await kubeconfigWith(server.adminToken, server.tokens.alice ?? ''));
    expect(lines).toEqual([
      expect.stringMatching(
        /^airfield: no permission to read apps \(API group airfield\.dev\): give the operator a role/,
      ),
    ]);
  });

  it('where a setting is wrong, with what to write', async () => {
    expect(await lastWords(server.kubeconfig, { AIRFIELD_CONCURRENCY: 'many' })).toEqual([
      'airfield: AIRFIELD_CONCURRENCY: write a whole number from 1 to 256',
    ]);
  });
});

describe('an App', () => {
  it('whose name is taken is stalled, leaves what it found alone, and goes on when the name is free', async () => {
    const taken = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'taken', namespace: 'default' },
      spec: { ports: [{ port: 1 }] },
    };
    await client.create(services, taken);
    operator = await OperatorProcess.start({ kubeconfig: server.kubeconfig });
    await client.apply(apps, appIn('taken'), { fieldManager: 'test' });
    const status = await until('the condition', async () => stalled('taken'));
    expect(status).toMatchObject({
      reason: 'NameConflict',
      message: expect.stringContaining('Service taken exists already and was not made by Airfield'),
    });
    const service = await client.get<KubeObject & { spec: object }>(services, { namespace: 'default', name: 'taken' });
    expect(service.metadata.labels).toBeUndefined();
    await client.delete(services, { namespace: 'default', name: 'taken' });
    await client.mergePatch(apps, { namespace: 'default', name: 'taken' }, { spec: { killTimeout: '6s' } });
    await until('it to go on', async () => !(await stalled('taken')));
  });

  it('whose children are refused says so, and goes on when they are not', async () => {
    operator = await OperatorProcess.start({ kubeconfig: server.kubeconfig });
    await forbidDeployments(client);
    await client.apply(apps, appIn('refused'), { fieldManager: 'test' });
    const message = await until('the condition', async () => {
      const ready = await condition('refused', 'Ready');
      return ready?.reason === 'ApplyFailed' ? ready.message : undefined;
    });
    expect(message).toMatch(/^Forbidden: .*not on a Sunday/);
    await client.raw('DELETE', `${admission}/validatingadmissionpolicybindings/none`);
    await until('it to go on', async () => (await condition('refused', 'Ready'))?.reason === 'Releasing');
  });

  async function stalled(name: string) {
    return condition(name, 'Stalled');
  }

  async function condition(name: string, type: string) {
    interface Status {
      conditions?: { type: string; reason: string; message: string }[];
    }
    const app = await client.get<{ status: Status }>(apps, { namespace: 'default', name });
    return app.status.conditions?.find((item) => item.type === type);
  }
});

describe('the operator', () => {
  it('answers probes and Prometheus', async () => {
    operator = await OperatorProcess.start({ kubeconfig: server.kubeconfig });
    const get = async (path: string) => {
      const response = await fetch(operator?.url + path);
      return `${response.status} ${await response.text()}`;
    };
    expect(await get('/healthz')).toBe('200 ok\n');
    expect(await get('/readyz')).toBe('200 ok\n');
    expect(await get('/')).toBe('404 There are /healthz, /readyz and /metrics.\n');
    const metrics = await until('it to lead', async () => {
      const text = await get('/metrics');
      return text.includes('leader_election_master_status{name="airfield-operator"} 1') ? text : undefined;
    });
    expect(metrics).toContain('controller_runtime_reconcile_total{controller="app",result="success"}');
    expect(metrics).toContain('rest_client_requests_total{code="200",method="GET"');
  });

  it('works with the permissions that its page lists, and no others', async () => {
    const kinds = ['apps', 'machines', 'secrets', 'schedules'];
    await grant('alice', [
      { apiGroups: ['airfield.dev'], resources: kinds, verbs: ['list', 'watch'] },
      { apiGroups: ['airfield.dev'], resources: kinds.map((kind) => `${kind}/status`), verbs: ['patch'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
      { apiGroups: [''], resources: ['nodes'], verbs: ['list'] },
      { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['get', 'list', 'watch', 'patch'] },
      ...[
        ['apps', 'deployments'],
        ['apps', 'statefulsets'],
        ['apps', 'controllerrevisions'],
        ['batch', 'jobs'],
        ['batch', 'cronjobs'],
        ['policy', 'poddisruptionbudgets'],
        ['', 'configmaps'],
        ['', 'secrets'],
        ['', 'services'],
        ['networking.k8s.io', 'networkpolicies'],
        ['networking.k8s.io', 'ingresses'],
        ['discovery.k8s.io', 'endpointslices'],
      ].map(([group, resource]) => ({
        apiGroups: [group],
        resources: [resource],
        verbs: ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete'],
      })),
      { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
    ]);
    const kubeconfig = await kubeconfigWith(server.adminToken, server.tokens.alice ?? '');
    operator = await OperatorProcess.start({ kubeconfig });
    await client.apply(apps, appIn('permitted'), { fieldManager: 'test' });
    await until('its Deployment', () => client.get(deployments, { namespace: 'default', name: 'permitted-app' }));
    await client.delete(deployments, { namespace: 'default', name: 'permitted-app' });
    await until('it again', () => client.get(deployments, { namespace: 'default', name: 'permitted-app' }));
    await client.delete(apps, { namespace: 'default', name: 'permitted' });
    await operator.stop();
    expect(operator.lines.filter((line) => line.includes('Forbidden'))).toEqual([]);
  });

  async function grant(user: string, rules: object[]): Promise<void> {
    const metadata = { name: user };
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    await client.raw('POST', `${rbac}/clusterroles`, { metadata, rules });
    const apiGroup = 'rbac.authorization.k8s.io';
    await client.raw('POST', `${rbac}/clusterrolebindings`, {
      metadata,
      roleRef: { apiGroup, kind: 'ClusterRole', name: user },
      subjects: [{ apiGroup, kind: 'User', name: user }],
    });
  }

  it('ends with exit code 0 when it is asked to, and lets the lead go', async () => {
    const first = await OperatorProcess.start({ kubeconfig: server.kubeconfig });
    await until('it to lead', async () => first.has('"leads"'));
    expect(await first.stop()).toBe(0);
    operator = await OperatorProcess.start({ kubeconfig: server.kubeconfig });
    await until('the next to lead', async () => operator?.has('"leads"'), 12_000);
  });
});
