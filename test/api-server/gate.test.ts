import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Client, connect } from '../../src/kube/client.ts';
import { type ApiServer, startApiServer } from '../cluster/api-server.ts';
import { until } from '../cluster/exec.ts';
import { freePorts } from '../cluster/free-ports.ts';
import { ask, httpMachine } from '../gate/machines.ts';
import { GateCluster } from './gate-cluster.ts';
import { GateProcess, token } from './gate-process.ts';

let server: ApiServer;
let client: Client;
let cluster: GateCluster;
let gate: GateProcess;
let count = 0;
let listenPort: number;
let internalPort: number;

beforeAll(async () => {
  server = await startApiServer({ auditLog: true });
  client = await connect({ kubeConfigPath: server.kubeconfig });
});
beforeEach(async () => {
  cluster = await GateCluster.create(client, `gate-${++count}`);
  [listenPort = 0, internalPort = 0] = await freePorts(2);
});
afterAll(async () => {
  client?.close();
  await server?.stop();
});

const wake = [{ kind: 'Deployment', name: 'web-app' }];

/** A gate of this test alone, which serves its namespace. */
async function startGate(env: Record<string, string> = {}, kubeconfig = server.kubeconfig): Promise<void> {
  const own = { AIRFIELD_GATE_NAMESPACE: cluster.namespace, ...env };
  const started = await GateProcess.start({ kubeconfig, ports: '1024-65535', env: own });
  onTestFinished(async () => void (await started.stop()));
  gate = started;
}

/** Whose name is the answer. */
const serve = (name: string, address: string) =>
  httpMachine(internalPort, (_, response) => response.end(name), address);
const body = async (port = listenPort) => (await ask(port)).body;

interface Audited {
  verb: string;
  userAgent?: string;
  requestURI: string;
  responseStatus: { code: number };
}

/** What the gate has asked of scales in the namespace of this test. */
async function scalePatches(): Promise<Audited[]> {
  const lines = (await readFile(server.auditLogPath ?? '', 'utf8')).split('\n').filter(Boolean);
  const entries = lines.map((line): Audited => JSON.parse(line));
  return entries.filter(
    ({ verb, userAgent, requestURI }) =>
      verb === 'patch' && userAgent?.startsWith('airfield-gate') && requestURI.includes(`/${cluster.namespace}/`),
  );
}

interface Told {
  routes: { held: number; machines: { machine: string; leaving: boolean; current: number }[] }[];
}
const load = async () => (JSON.parse((await gate.get('/load')).text) as Told).routes;
const drain = async (machine: string, query = '', given = token) => {
  const headers = { authorization: `Bearer ${given}` };
  const answer = await gate.get(`/drain/${cluster.namespace}/${machine}${query}`, { method: 'POST', headers });
  return { status: answer.status, ...JSON.parse(answer.text) };
};

describe('a gate in a cluster', () => {
  it('leads requests to the machines that there are, as they come and go', async () => {
    await cluster.routes([cluster.route(listenPort, { internalPort, machines: { slot: 'blue' } })]);
    await Promise.all([serve('one', '127.0.0.2'), serve('two', '127.0.0.3')]);
    await cluster.pod('web-1', '127.0.0.2');
    await startGate();
    expect(await body()).toBe('one');
    expect(await gate.get('/readyz')).toEqual({ status: 200, text: 'ok\n' });
    await cluster.pod('web-2', '127.0.0.3');
    await until('both machines', async () => (await load())[0]?.machines.length === 2);
    await cluster.deletePod('web-1');
    await until('the first one to be gone', async () => (await load())[0]?.machines.length === 1);
    expect(await body()).toBe('two');
    const { text } = await gate.get('/metrics');
    const route = `${cluster.namespace}.web.${listenPort}`;
    expect(text).toContain(
      `airfield_gate_machine_load{route="${route}",namespace="${cluster.namespace}",app="web",machine="web-2"} 0`,
    );
    expect(text).toContain('airfield_gate_reloads_total 1');
  });

  it('serves routes as they are written, changed and taken away', async () => {
    await startGate();
    await serve('one', '127.0.0.2');
    await cluster.pod('web-1', '127.0.0.2');
    await cluster.routes([cluster.route(listenPort, { internalPort })]);
    await until('the route', async () => (await body()) === 'one');
    const [other = 0] = await freePorts(1);
    await cluster.routes([cluster.route(other, { internalPort })]);
    await until('the other route', async () => (await body(other)) === 'one');
    await expect(body()).rejects.toThrow('ECONNREFUSED');
  });

  it('loads a configuration at most once a second, however many Apps come at once', async () => {
    await startGate();
    const metric = async (name: string) =>
      Number(new RegExp(`^airfield_gate_${name} (\\d+)`, 'm').exec((await gate.get('/metrics')).text)?.[1]);
    const [ports, loads] = [await freePorts(200), await metric('reloads_total')];
    const began = performance.now();
    await Promise.all(ports.map((port) => cluster.routes([cluster.route(port)], `web-${port}`)));
    await until('all to be served', async () => (await load()).length === ports.length, 60_000);
    const seconds = (performance.now() - began) / 1000;
    const more = (await metric('reloads_total')) - loads;
    expect(more).toBeGreaterThan(0);
    // The first one at once, and the one that was under way when the last was seen.
    expect(more).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
  });

  it('starts a machine where somebody waits for one: once, however many wait', async () => {
    await cluster.deployment('web-app', 0);
    await cluster.routes([cluster.route(listenPort, { internalPort, wake })]);
    await startGate();
    const answers = Array.from({ length: 20 }, () => body());
    await until('the scale', async () => (await cluster.replicas('web-app')) === 1);
    await until('all to wait', async () => (await load())[0]?.held === 20);
    await serve('woken', '127.0.0.2');
    await cluster.pod('web-1', '127.0.0.2');
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['woken']));
    const patches = await scalePatches();
    expect(patches.map(({ responseStatus }) => responseStatus.code)).toEqual([200]);
    expect(patches[0]?.requestURI).toMatch(/\/deployments\/web-app\/scale\?fieldManager=airfield-gate$/);
    const { text } = await gate.get('/metrics');
    expect(text).toContain('airfield_gate_wakes_total{outcome="started"} 1');
    expect(text).toContain('airfield_cold_start_seconds_count{part="total"} 1');
  });

  it('never lowers a scale, and starts nothing that is of another App', async () => {
    await cluster.deployment('web-app', 3);
    await cluster.deployment('db-app', 0, 'db');
    const [other = 0] = await freePorts(1);
    await cluster.routes([
      cluster.route(listenPort, { internalPort, wake, hold: { time: '3s' } }),
      cluster.route(other, { internalPort, wake: [{ kind: 'Deployment', name: 'db-app' }], hold: { time: '1s' } }),
    ]);
    await startGate();
    expect((await Promise.all([ask(listenPort), ask(other)])).map(({ status }) => status)).toEqual([503, 503]);
    expect([await cluster.replicas('web-app'), await cluster.replicas('db-app')]).toEqual([3, 0]);
    expect(await scalePatches()).toEqual([]);
    expect(gate.has('Deployment db-app is not of App web: its selector does not say airfield.dev/app=web')).toBe(true);
  });

  it('refuses what hostile annotations say, and serves the others', async () => {
    const [stolen = 0] = await freePorts(1);
    await cluster.routes([
      { ...cluster.route(stolen), namespace: 'kube-system' },
      { ...cluster.route(stolen), app: 'other' },
      { ...cluster.route(stolen), http: { responseHeaders: { 'x\n  bind *:1': ['y'] } } },
      { ...cluster.route(80) },
      cluster.route(listenPort, { internalPort }),
    ]);
    await cluster.routes('{"__proto__":', 'broken');
    await cluster.routes([cluster.route(listenPort, { internalPort: 1, port: 81 })], 'web-thief');
    await serve('one', '127.0.0.2');
    await cluster.pod('web-1', '127.0.0.2');
    await startGate();
    expect(await body()).toBe('one');
    expect(await load()).toHaveLength(1);
    const place = `Service ${cluster.namespace}/web: annotation airfield.dev/routes`;
    for (const problem of [
      `${place}[0].namespace must be that of the Service`,
      `${place}[1].app must be what the Service's label airfield.dev/app says, web`,
      `${place}[2].http.responseHeaders`,
      `${cluster.namespace}.web.80: listenPort must be from 1024 to 65535`,
      `Service ${cluster.namespace}/broken: annotation airfield.dev/routes must be a JSON list of routes`,
      `${cluster.namespace}.web.${listenPort}: listenPort is that of`,
    ]) {
      expect(gate.lines.filter((line) => line.includes(problem))).toHaveLength(1);
    }
    expect((await gate.get('/metrics')).text).toContain('airfield_gate_problems 6');
  });

  it('gives a machine that is to be stopped nothing new, and wakes it when it has been stopped', async () => {
    await cluster.deployment('web-app', 1);
    await cluster.routes([cluster.route(listenPort, { internalPort, wake })]);
    await cluster.pod('web-1', '127.0.0.2');
    const slow = Promise.withResolvers<void>();
    await httpMachine(
      internalPort,
      (_, response) => void slow.promise.then(() => response.end('the first')),
      '127.0.0.2',
    );
    await startGate();
    const underWay = body();
    await until('it to begin', async () => (await load())[0]?.machines[0]?.current === 1);
    expect(await drain('web-1')).toMatchObject({ status: 200, leaving: true, current: 1, held: 0 });
    const late = body();
    await until('it to wait', async () => (await load())[0]?.held === 1);
    expect(await drain('web-1')).toMatchObject({ leaving: true, current: 1, held: 1 });
    slow.resolve();
    expect(await underWay).toBe('the first');
    await until('all to be done', async () => (await drain('web-1')).current === 0);
    expect(await scalePatches()).toEqual([]);
    await cluster.scale('web-app', 0);
    await cluster.deletePod('web-1');
    await until('it to be woken', async () => (await cluster.replicas('web-app')) === 1);
    await serve('the next', '127.0.0.3');
    await cluster.pod('web-2', '127.0.0.3');
    expect(await late).toBe('the next');
  });

  it('lets a machine serve again when whoever wanted it stopped changes its mind, or is gone', async () => {
    await cluster.routes([cluster.route(listenPort, { internalPort })]);
    await serve('one', '127.0.0.2');
    await cluster.pod('web-1', '127.0.0.2');
    await startGate();
    for (const [seconds, next] of [
      ['', '?seconds=0'],
      ['?seconds=1', undefined],
    ]) {
      expect(await drain('web-1', seconds)).toMatchObject({ leaving: true, current: 0 });
      const waiting = body();
      await until('it to wait', async () => (await load())[0]?.held === 1);
      if (next) await drain('web-1', next);
      expect(await waiting).toBe('one');
    }
  });

  it('lets only those ask for a drain who know the token', async () => {
    await startGate();
    expect(await drain('web-1', '', 'another-token-than-that')).toMatchObject({ status: 401 });
    expect(await drain('web-1', '?seconds=601')).toMatchObject({ status: 400 });
    expect(await drain('web-1')).toEqual({ status: 200, leaving: true, current: 0, queued: 0, held: 0 });
    expect(gate.lines.join('')).not.toContain(token);
    await startGate({ AIRFIELD_GATE_TOKEN: '' });
    expect(await drain('web-1')).toMatchObject({ status: 403 });
  });

  it('works with the permissions that its page lists, and no others', async () => {
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const metadata = { name: 'gate' };
    await client.raw('POST', `${rbac}/clusterroles`, {
      metadata,
      rules: [
        { apiGroups: [''], resources: ['services', 'pods'], verbs: ['list', 'watch'] },
        { apiGroups: ['apps'], resources: ['deployments/scale', 'statefulsets/scale'], verbs: ['get', 'patch'] },
      ],
    });
    const apiGroup = 'rbac.authorization.k8s.io';
    await client.raw('POST', `${rbac}/clusterrolebindings`, {
      metadata,
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'gate' },
      subjects: [{ apiGroup, kind: 'User', name: 'alice' }],
    });
    const folder = await mkdtemp(join(tmpdir(), 'airfield-gate-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const kubeconfig = join(folder, 'kubeconfig');
    const text = await readFile(server.kubeconfig, 'utf8');
    await writeFile(kubeconfig, text.replace(server.adminToken, server.tokens.alice ?? ''), { mode: 0o600 });
    await cluster.deployment('web-app', 0);
    await cluster.routes([cluster.route(listenPort, { internalPort, wake })]);
    await startGate({}, kubeconfig);
    const waiting = body();
    await until('the scale', async () => (await cluster.replicas('web-app')) === 1);
    await serve('woken', '127.0.0.2');
    await cluster.pod('web-1', '127.0.0.2');
    expect(await waiting).toBe('woken');
    expect(gate.lines.filter((line) => line.includes('Forbidden'))).toEqual([]);
  });

  it('stops when it is asked to: not ready at once, then it serves on, then it ends what is under way', async () => {
    await cluster.routes([cluster.route(listenPort, { internalPort })]);
    const slow = Promise.withResolvers<void>();
    await httpMachine(
      internalPort,
      ({ url }, response) => void (url === '/slow' ? slow.promise : Promise.resolve()).then(() => response.end('one')),
      '127.0.0.2',
    );
    await cluster.pod('web-1', '127.0.0.2');
    await startGate({ AIRFIELD_GATE_DRAIN: '2s' });
    const underWay = ask(listenPort, { path: '/slow' });
    await until('it to begin', async () => (await load())[0]?.machines[0]?.current === 1);
    gate.askToStop();
    await until('it not to be ready', async () => (await gate.get('/readyz')).status === 503);
    expect(await body()).toBe('one');
    await until('it to take nothing new', () =>
      body().then(
        () => false,
        () => true,
      ),
    );
    slow.resolve();
    expect((await underWay).body).toBe('one');
    expect(await gate.ended).toBe(0);
  });

  it('serves on while the API server is away, and then sees what has changed', async () => {
    await cluster.routes([cluster.route(listenPort, { internalPort })]);
    await Promise.all([serve('one', '127.0.0.2'), serve('two', '127.0.0.3')]);
    await cluster.pod('web-1', '127.0.0.2');
    await startGate();
    expect(await body()).toBe('one');
    const isBack = server.restart();
    await until('the loss', async () => gate.has('lost the API server'));
    expect(await body()).toBe('one');
    expect(await gate.get('/readyz')).toMatchObject({ status: 200 });
    await isBack;
    await cluster.pod('web-2', '127.0.0.3');
    await cluster.deletePod('web-1');
    await until('the other machine', async () =>
      (await load())[0]?.machines.every(({ machine }) => machine === 'web-2'),
    );
    expect(await body()).toBe('two');
  });
});

describe('a gate that cannot work says so in one line', () => {
  it.each([
    [{ AIRFIELD_GATE_HAPROXY: '/nothing/haproxy' }, /^airfield: HAProxy refuses the configuration:/],
    [{ AIRFIELD_GATE_REGION: 'A' }, /^airfield: AIRFIELD_GATE_REGION: write a name/],
  ])('%o', async (env, said) => {
    const broken = new GateProcess({ kubeconfig: server.kubeconfig, ports: '1024-65535', env });
    expect(await broken.ended).toBe(1);
    expect(broken.lines.filter((line) => !line.startsWith('{'))[0]).toMatch(said);
  });
});
