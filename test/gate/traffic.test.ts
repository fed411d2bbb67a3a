import { Agent, get } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gate, route, type TestGate, until } from './gate.ts';
import { address, ask, httpMachine, talk, tcpMachine } from './machines.ts';

const of = async ({ plane }: TestGate, app = 'web') => (await plane.traffic()).find((one) => one.app === app);

describe('what a gate tells of traffic', () => {
  it('is how requests have ended, how many bytes there were and how long they took', async () => {
    const web = await route();
    const started = await gate([web]);
    await httpMachine(web.internalPort, ({ url }, response) => {
      response.statusCode = Number(url?.slice(1));
      setTimeout(() => response.end('x'.repeat(1000)), 20);
    });
    started.serve(web, { name: 'm-1' });
    for (const status of [200, 201, 302, 404, 500]) await ask(web.listenPort, { path: `/${status}` });
    await until(() => of(started)).toMatchObject({
      namespace: 'acme',
      app: 'web',
      port: 80,
      mode: 'http',
      traffic: { '2xx': 2, '3xx': 1, '4xx': 1, '5xx': 1, connect: 0, client: 0 },
    });
    const { traffic, times } = (await of(started))!;
    expect(traffic.sent).toBeGreaterThan(5000);
    expect(traffic.received).toBeGreaterThan(100);
    expect(times?.total).toBeGreaterThan(0.01);
    expect(times?.total).toBeLessThan(10);
  });

  it('counts what the gate answers itself, and what machines do not accept', async () => {
    const refused = await route({ autoStart: false });
    const [dead] = [await route({ app: 'dead' })];
    const started = await gate([refused, dead]);
    expect((await ask(refused.listenPort)).status).toBe(503);
    await until(() => of(started)).toMatchObject({ traffic: { '5xx': 1, connect: 0 } });
    const machine = await httpMachine(dead.internalPort, (_, response) => response.end());
    started.serve(dead, { name: 'm-1' });
    expect((await ask(dead.listenPort)).status).toBe(200);
    machine.close();
    machine.closeAllConnections();
    expect((await ask(dead.listenPort)).status).toBe(503);
    await until(() => of(started, 'dead')).toMatchObject({ traffic: { '2xx': 1, '5xx': 1 } });
    expect((await of(started, 'dead'))?.traffic.connect).toBeGreaterThan(0);
  });

  it('is how many connections there were where only bytes are seen', async () => {
    const store = await route({ app: 'store', mode: 'tcp' });
    const started = await gate([store]);
    await tcpMachine(store.internalPort, (socket) => socket.on('data', () => socket.end('four')));
    started.serve(store, { name: 'm-1' });
    for (const _ of [1, 2, 3]) expect(await talk(store.listenPort, 'threefold').said).toBe('four');
    const traffic = { connections: 3, received: 27, sent: 12 };
    await until(() => of(started, 'store')).toMatchObject({ mode: 'tcp', traffic });
  });
});

describe('counts over reloads', () => {
  it.each([
    ['', {}],
    [' with a hardLimit', { concurrency: { type: 'requests', hardLimit: 100 } }],
  ])('are exact%s, whichever process has carried what', async (_, fields) => {
    const web = await route(fields);
    const started = await gate([web], { reloadEveryMs: 50 });
    await httpMachine(web.internalPort, (_, response) => void setTimeout(() => response.end('hi'), 3));
    started.serve(web, { name: 'm-1' });
    let [isOver, answered, unknown, least] = [false, 0, 0, 0];
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const client = async (kept: boolean) => {
      while (!isOver) {
        const status = kept ? await keptStatus(agent, web.listenPort) : (await ask(web.listenPort)).status;
        if (status === 200) answered++;
        else unknown++;
      }
    };
    const look = async () => {
      while (!isOver) {
        const now = (await of(started))?.traffic['2xx'] ?? 0;
        expect(now).toBeGreaterThanOrEqual(least);
        least = now;
      }
    };
    const all = [client(true), client(true), client(false), client(false), look()];
    for (let index = 0; index < 5; index++) {
      const before = answered;
      await started.plane.setRoutes([web, await route({ app: `more-${index}` })]);
      await until(() => answered).toBeGreaterThan(before + 10);
    }
    isOver = true;
    await Promise.all(all);
    // Whose connection was closed as the answer came has not heard it, and the gate has given it.
    const isExact = (count = 0) => count >= answered && count <= answered + unknown;
    await until(async () => isExact((await of(started))?.traffic['2xx'])).toBe(true);
    expect(unknown).toBeLessThan(10);
  });

  it('go on when HAProxy has died', async () => {
    const web = await route();
    const started = await gate([web], { reloadEveryMs: 1 });
    await httpMachine(web.internalPort, (_, response) => response.end('hi'));
    started.serve(web, { name: 'm-1' });
    await ask(web.listenPort);
    await until(async () => (await of(started))?.traffic['2xx']).toBe(1);
    const worker = /New worker \((\d+)\) forked/.exec(started.lines.join())?.[1];
    process.kill(Number(worker), 'SIGKILL');
    await until(() =>
      ask(web.listenPort).then(
        ({ status }) => status,
        () => 0,
      ),
    ).toBe(200);
    await until(async () => (await of(started))?.traffic['2xx']).toBe(2);
  });

  it('do not keep a process that has nothing more to do', async () => {
    const web = await route();
    const started = await gate([web], { reloadEveryMs: 1 });
    const old = /New worker \((\d+)\) forked/.exec(started.lines.join())?.[1];
    await started.plane.setRoutes([web, await route({ app: 'more' })]);
    await until(() => isAlive(Number(old))).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** On a connection that is kept; 0 where the gate has closed it before it was used again. */
function keptStatus(agent: Agent, port: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  get({ host: address(1), port, agent }, (response) => {
    response.resume().once('end', () => resolve(response.statusCode ?? 0));
  }).once('error', () => resolve(0));
  return promise;
}
