import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Service } from '../../src/api/kubernetes.ts';
import { routesAnnotation } from '../../src/api/meta.ts';
import { apps, schedules } from '../../src/controller/resources.ts';
import { type Client, connect } from '../../src/kube/client.ts';
import { deployments, services } from '../../src/kube/resources.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { until } from '../cluster/exec.ts';
import { freePorts } from '../cluster/free-ports.ts';
import { app } from '../e2e/apps.ts';
import { OperatorProcess } from '../e2e/operator.ts';
import { ask, httpMachine } from '../gate/machines.ts';
import { Prometheus } from '../observability/prometheus.ts';
import { dashboardQueries, metricNames, ruleQueries, rulesPath } from '../observability/promql-in-files.ts';
import { GateCluster } from './gate-cluster.ts';
import { GateProcess } from './gate-process.ts';
import { serveOwnKinds } from './own-kinds.ts';

const namespace = `observed-${randomBytes(4).toString('hex')}`;
const of = `namespace="${namespace}",app="web"`;
let client: Client;
let cluster: GateCluster;
let operators: OperatorProcess[] = [];
let gate: GateProcess;
let prometheus: Prometheus;
let internalPort: number;

/** Metrics of others, which kubelets, cAdvisor and Prometheus itself have. */
const foreign = [
  'container_cpu_usage_seconds_total',
  'container_memory_working_set_bytes',
  'kubelet_volume_stats_used_bytes',
  'kubelet_volume_stats_capacity_bytes',
  'ALERTS',
];

beforeAll(async () => {
  client = await connect({ kubeConfigPath: inject('kubeconfig') });
  await serveOwnKinds(client);
  cluster = await GateCluster.create(client, namespace);
  const free = await freePorts(21);
  const ports = `${Math.min(...free)}-${Math.max(...free)}`;
  [internalPort = 0] = await freePorts(1);
  const env = {
    AIRFIELD_NAMESPACE: namespace,
    AIRFIELD_LEASE_NAMESPACE: namespace,
    AIRFIELD_GATES_NAMESPACE: namespace,
    AIRFIELD_GATES_PORTS: ports,
  };
  operators = await Promise.all([OperatorProcess.start({ env }), OperatorProcess.start({ env })]);
  gate = await GateProcess.start({
    kubeconfig: inject('kubeconfig'),
    ports,
    env: { AIRFIELD_GATE_NAMESPACE: namespace },
  });
  prometheus = await Prometheus.start({
    jobs: {
      operator: operators.map(({ url }) => new URL(url).host),
      gate: [`127.0.0.1:${gate.port}`],
    },
    rules: [rulesPath],
  });
}, 240_000);
afterAll(async () => {
  await prometheus?.stop();
  await gate?.stop();
  await Promise.all(operators.map((operator) => operator.stop()));
  client?.close();
});

const write = (object: object) =>
  client.apply(apps, { ...object, metadata: { ...(object as KubeObject).metadata, namespace } } as never, {
    fieldManager: 'test',
    force: true,
  });

const becomes = (promql: string, value: number) =>
  expect.poll(() => prometheus.value(promql), { timeout: 120_000 }).toBe(value);

/** What the Deployment controller would tell, were there one. */
async function runs(name: string, replicas: number): Promise<void> {
  const deployment = await until('the Deployment', () => client.get<KubeObject>(deployments, { namespace, name }));
  const { generation = 1 } = deployment.metadata;
  const ready = { replicas, readyReplicas: replicas, updatedReplicas: replicas, availableReplicas: replicas };
  await client.mergePatch(
    deployments,
    { namespace, name },
    { status: { observedGeneration: generation, ...ready } },
    { subresource: 'status' },
  );
}

async function portAtGate(): Promise<number> {
  const routes = await until('the route', async () => {
    const { metadata } = await client.get<Service>(services, { namespace, name: 'web' });
    return metadata?.annotations?.[routesAnnotation];
  });
  return JSON.parse(routes ?? '')[0].listenPort;
}

it('a real Prometheus has asked all of them', () => becomes('sum(up)', 3));

describe('an App with traffic', () => {
  it('is counted as it was asked, over a reload, and nothing twice', { timeout: 300_000 }, async () => {
    const ports = [{ port: 80, handlers: ['http' as const] }];
    await write(app('web', { image: 'x', services: [{ internalPort, autoStop: 'stop', ports }] }));
    await httpMachine(
      internalPort,
      ({ url }, response) => {
        response.statusCode = url === '/broken' ? 500 : 200;
        response.end('hello');
      },
      '127.0.0.2',
    );
    await cluster.pod('web-1', '127.0.0.2');
    const port = await portAtGate();
    await until('the gate to serve it', async () => (await ask(port)).status === 200);
    const askOften = async (path: string, times: number) => {
      const asked = Array.from({ length: times }, () => ask(port, { path }).then(({ status }) => status));
      expect(new Set(await Promise.all(asked))).toEqual(new Set([path === '/' ? 200 : 500]));
    };
    await askOften('/', 49);
    await becomes(`sum(airfield_gate_requests_total{${of},code="2xx"})`, 50);
    const loads = (await prometheus.value('airfield_gate_reloads_total')) ?? 0;
    await write(
      app('other', {
        image: 'x',
        services: [{ internalPort, autoStop: 'stop', ports: [{ port: 81, handlers: ['http'] }] }],
      }),
    );
    await until('the reload', async () => ((await prometheus.value('airfield_gate_reloads_total')) ?? 0) > loads);
    await askOften('/', 30);
    await askOften('/broken', 20);
    await becomes(`sum(airfield_gate_requests_total{${of},code="2xx"})`, 80);
    await becomes(`sum(airfield_gate_requests_total{${of},code="5xx"})`, 20);
    await becomes(`count(airfield_gate_requests_total{${of},port="80",job="gate"})`, 4);
    await becomes(`sum(airfield_gate_requests_total{namespace="${namespace}",app="other"})`, 0);
    expect(await prometheus.value(`sum(airfield_gate_sent_bytes_total{${of}})`)).toBeGreaterThan(500);
    const total = await prometheus.value(`airfield_gate_average_seconds{${of},part="total"}`);
    expect(total).toBeGreaterThan(0);
    expect(total).toBeLessThan(10);
    expect(await prometheus.value(`sum(increase(airfield_gate_requests_total{${of}}[5m]))`)).toBeGreaterThan(0);
  });
});

describe('what the operator tells', () => {
  it('comes from the one that leads alone, so that sums are right', async () => {
    await becomes('sum(airfield_operator_leading)', 1);
    await becomes('count(airfield_operator_leading)', 2);
    await becomes(`count(airfield_app_ready{${of}})`, 1);
    const texts = await Promise.all(operators.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
    expect(texts.filter((text) => text.includes('airfield_app_ready{'))).toHaveLength(1);
  });

  it('is how an App and its releases are', { timeout: 300_000 }, async () => {
    await becomes(`airfield_app_ready{${of}}`, 0);
    await becomes(`airfield_app_release{${of}}`, 1);
    await becomes(`airfield_releases_total{${of},result="complete"}`, 0);
    await runs('web-app', 1);
    await becomes(`airfield_app_ready{${of}}`, 1);
    await becomes(`airfield_app_machines{${of},process="app",state="ready"}`, 1);
    await becomes(`airfield_releases_total{${of},result="complete"}`, 1);
    await becomes(`airfield_machine_info{${of},pod="web-1"}`, 1);
    const finished = await prometheus.value(`time() - airfield_app_release_finished_timestamp_seconds{${of}}`);
    expect(finished).toBeLessThan(120);
  });

  it('is when Schedules are due', async () => {
    const spec = { app: 'web', schedule: '@every 1h', command: ['true'] };
    const schedule = {
      apiVersion: 'airfield.dev/v1alpha1',
      kind: 'Schedule',
      metadata: { name: 'backup', namespace },
      spec,
    };
    await client.apply(schedules, schedule as never, { fieldManager: 'test', force: true });
    await until('its time', async () => {
      const due = await prometheus.value(
        `airfield_schedule_next_run_timestamp_seconds{${of},schedule="backup"} - time()`,
      );
      return due !== undefined && due > 3000 && due <= 3600;
    });
  });
});

describe('rules and dashboard', () => {
  it('can be evaluated, all of them', async () => {
    await until('the rules', async () => (await prometheus.rules()).every(({ health }) => health === 'ok'));
    expect(await prometheus.rules()).toHaveLength(ruleQueries().length);
    for (const query of dashboardQueries()) await prometheus.query(query);
  });

  it('ask for what there is', async () => {
    const names = await namesTold();
    const asked = [...ruleQueries(), ...dashboardQueries()].flatMap(metricNames);
    expect(new Set(asked).size).toBeGreaterThan(40);
    expect([...new Set(asked)].filter((name) => !names.has(name) && !foreign.includes(name))).toEqual([]);
  });
});

it('the docs name each metric of Airfield that there is, and no other', async () => {
  const docs = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'observability.md'), 'utf8');
  const named = new Set([...docs.matchAll(/^\| `(airfield_\w+)/gm)].map(([, name]) => name));
  const told = [...(await namesTold())].filter((name) => /^airfield_/.test(name) && !/_(bucket|sum|count)$/.test(name));
  expect([...named].sort()).toEqual(told.sort());
});

/** Names of metrics that an operator and a gate have, with those that histograms become. */
async function namesTold(): Promise<Set<string>> {
  const urls = [...operators.map(({ url }) => url), `http://127.0.0.1:${gate.port}`];
  const texts = await Promise.all(urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
  const types = [...texts.join('\n').matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? [name, ...['bucket', 'sum', 'count'].map((part) => `${name}_${part}`)] : [name],
    ),
  );
}
