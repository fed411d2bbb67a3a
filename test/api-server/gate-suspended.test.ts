import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Client, connect } from '../../src/kube/client.ts';
import { type ApiServer, startApiServer } from '../cluster/api-server.ts';
import { until } from '../cluster/exec.ts';
import { freePorts } from '../cluster/free-ports.ts';
import { ask, httpMachine } from '../gate/machines.ts';
import { GateCluster } from './gate-cluster.ts';
import { GateProcess, token } from './gate-process.ts';

let server: ApiServer;
let client: Client;
let count = 0;

beforeAll(async () => {
  server = await startApiServer({ auditLog: true });
  client = await connect({ kubeConfigPath: server.kubeconfig });
});
afterAll(async () => {
  client?.close();
  await server?.stop();
});

const suspended = { since: '2026-01-01T00:00:00Z', cpu: { app: { requests: '500m', limits: '2' } } };

/** An App `web` of which these machines are there, and gates that know it. */
async function served(machines: Readonly<Record<string, boolean>>, gates = 1) {
  const cluster = await GateCluster.create(client, `gate-suspended-${++count}`);
  const [internalPort = 0, ...ports] = await freePorts(1 + gates);
  const wake = [{ kind: 'Deployment', name: 'web-app' }];
  await cluster.routes(ports.map((port) => cluster.route(port, { internalPort, wake })));
  const names = Object.keys(machines);
  await cluster.deployment('web-app', names.length);
  for (const [index, name] of names.entries()) {
    const address = `127.0.0.${index + 2}`;
    await httpMachine(internalPort, (_, response) => response.end(name), address);
    await cluster.pod(name, address, machines[name] ? suspended : undefined);
  }
  const processes = await Promise.all(
    ports.map((port) =>
      GateProcess.start({
        kubeconfig: server.kubeconfig,
        ports: `${port}-${port}`,
        env: { AIRFIELD_GATE_NAMESPACE: cluster.namespace },
      }),
    ),
  );
  onTestFinished(async () => void (await Promise.all(processes.map((gate) => gate.stop()))));
  return { cluster, ports, gates: processes };
}

/** Whether a gate would give a machine something new. */
async function takesNew(gate: GateProcess | undefined, machine: string): Promise<boolean | undefined> {
  const { routes } = JSON.parse((await gate?.get('/load'))?.text ?? '') as Told;
  return (
    routes.flatMap(({ machines }) => machines).find((one) => one.machine === machine && !one.leaving) !== undefined
  );
}
interface Told {
  readonly routes: { readonly machines: { readonly machine: string; readonly leaving: boolean }[] }[];
}

/** Whether any gate has asked for a scale. */
async function hasAskedForScale(namespace: string): Promise<boolean> {
  const lines = (await readFile(server.auditLogPath ?? '', 'utf8')).split('\n');
  return lines.some((line) => line.includes(`/namespaces/${namespace}/`) && line.includes('/scale'));
}

describe('a suspended machine', () => {
  it('answers a request that waits, without another one being asked for, and gets its CPU back', async () => {
    const { cluster, ports, gates } = await served({ 'web-1': true });
    expect((await ask(ports[0] ?? 0)).body).toBe('web-1');
    await until('it has its CPU back', async () => (await cluster.cpu('web-1')) === '2');
    expect(await hasAskedForScale(cluster.namespace)).toBe(false);
    expect((await gates[0]?.get('/metrics'))?.text).toContain('airfield_gate_wakes_total{outcome="resumed"} 1');
    expect((await ask(ports[0] ?? 0)).body).toBe('web-1');
  });

  it('gets nothing while another one serves', async () => {
    const { cluster, ports, gates } = await served({ 'web-1': true, 'web-2': false });
    for (let requests = 0; requests < 5; requests++) expect((await ask(ports[0] ?? 0)).body).toBe('web-2');
    expect([await takesNew(gates[0], 'web-1'), await takesNew(gates[0], 'web-2')]).toEqual([false, true]);
    expect(await cluster.cpu('web-1')).toBe('100m, suspended');
  });

  it('serves behind all gates when one of them has resumed it', async () => {
    const { ports, gates } = await served({ 'web-1': true }, 2);
    expect((await ask(ports[0] ?? 0)).body).toBe('web-1');
    for (const gate of gates) await until('each of them knows', async () => (await takesNew(gate, 'web-1')) === true);
    expect((await ask(ports[1] ?? 0)).body).toBe('web-1');
    expect((await gates[1]?.get('/metrics'))?.text).not.toContain('outcome="resumed"');
  });

  it('is resumed by both gates where both need it', async () => {
    const { cluster, ports } = await served({ 'web-1': true }, 2);
    const answers = await Promise.all(ports.map((port) => ask(port)));
    expect(answers.map(({ body }) => body)).toEqual(['web-1', 'web-1']);
    await until('it has its CPU back', async () => (await cluster.cpu('web-1')) === '2');
  });

  it('is left to whoever is just suspending it until that is done', async () => {
    const { cluster, ports, gates } = await served({ 'web-1': true });
    const drain = (seconds: number) => {
      const headers = { authorization: `Bearer ${token}` };
      return gates[0]?.get(`/drain/${cluster.namespace}/web-1?seconds=${seconds}`, { method: 'POST', headers });
    };
    await drain(60);
    const answer = ask(ports[0] ?? 0);
    await until('it waits', async () => (await gates[0]?.get('/load'))?.text.includes('"held":1') === true);
    expect(await cluster.cpu('web-1')).toBe('100m, suspended');
    await drain(0);
    expect((await answer).body).toBe('web-1');
    await until('it has its CPU back', async () => (await cluster.cpu('web-1')) === '2');
  });
});
