import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Route } from '../../src/api/route.ts';
import { routeName } from '../../src/gate/route-name.ts';
import { freePort } from '../cluster/free-ports.ts';
import { gate, type PortRoute, route, type TestGate, until } from './gate.ts';
import { gateFolder, machine as onLoopback } from './gate-folder.ts';
import { address, ask, httpMachine, talk, tcpMachine } from './machines.ts';

const hardLimit = 3;
const reloads = 4;

/** What a machine has to do at once, which it goes on with until it is told to end it. */
class Work {
  readonly #open = new Map<object, () => void>();
  most = 0;
  begun = 0;

  get current(): number {
    return this.#open.size;
  }

  begin(one: object, finish: () => void): void {
    this.#open.set(one, finish);
    this.begun++;
    this.most = Math.max(this.most, this.#open.size);
  }

  /** The ones that began first. */
  finish(number: number): void {
    for (const [one, finish] of [...this.#open].slice(0, number)) {
      this.#open.delete(one);
      finish();
    }
  }
}

/** A machine whose requests end when the test says so; those for /quick at once. */
async function slowMachine({ internalPort }: Route): Promise<Work> {
  const work = new Work();
  await httpMachine(internalPort, ({ url }, response) => {
    if (url === '/quick') response.end();
    else work.begin(response, () => response.end());
  });
  return work;
}

/** Clients that ask on and on until `end`, which gives back how all were answered. */
function askOnAndOn(port: number, { kept, others }: { kept: number; others: number }) {
  let isOver = false;
  const statuses: unknown[] = [];
  const client = async (agent: Agent | undefined) => {
    while (!isOver) {
      statuses.push(await (agent ? keptRequest(agent, port) : ask(port).then(({ status }) => status)).catch(String));
      await pause(5);
    }
    agent?.destroy();
  };
  const agents = Array.from({ length: kept }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const clients = [...agents, ...Array<undefined>(others).fill(undefined)].map(client);
  return {
    answered: () => statuses.length,
    end: () => {
      isOver = true;
      return Promise.all(clients).then(() => statuses);
    },
  };
}

/** One that the gate closes before the request is there is opened again, as clients do. */
function keptRequest(agent: Agent, port: number, path = '/'): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sent = request({ host: address(1), port, path, agent }, (response) => {
    response.resume().once('end', () => resolve(response.statusCode ?? 0));
  });
  sent.once('error', (error: NodeJS.ErrnoException) => {
    if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(keptRequest(agent, port, path));
    else reject(error);
  });
  sent.end();
  return promise;
}

const machine = { name: 'm-1' };

/** Reloads by another route, and all that is under way is ended and replaced after each. */
async function reloadWhileBusy({ plane }: TestGate, routes: readonly Route[], work: Work): Promise<void> {
  for (let index = 0; index < reloads; index++) {
    await plane.setRoutes([...routes, await route({ app: `added-${index}` })]);
    for (let turn = 0; turn < 3; turn++) {
      expect(work.most).toBe(hardLimit);
      const { begun } = work;
      await until(() => work.current).toBeGreaterThan(0);
      work.finish(2);
      await until(() => work.begun).toBeGreaterThan(begun);
    }
  }
  expect(plane.loads).toBe(reloads + 1);
}

/** Ends all that is under way and all that begins, until this has come. */
async function finishUntil<T>(work: Work, end: Promise<T>): Promise<T> {
  const timer = setInterval(() => work.finish(Number.POSITIVE_INFINITY), 5);
  return end.finally(() => clearInterval(timer));
}

/** As many as the limit says are served at once, and all of them by what takes new connections. */
async function expectWhole(web: PortRoute, work: Work): Promise<void> {
  const asked = Array.from({ length: hardLimit + 2 }, () => ask(web.listenPort).then(({ status }) => status));
  await until(() => work.current).toBe(hardLimit);
  expect(new Set(await finishUntil(work, Promise.all(asked)))).toEqual(new Set([200]));
}

describe('a hardLimit holds over reloads', () => {
  it.each(['requests', 'connections'] as const)('of %s', async (type) => {
    const web = await route({ concurrency: { type, hardLimit } });
    const started = await gate([web], { reloadEveryMs: 1 });
    const work = await slowMachine(web);
    started.serve(web, machine);
    const clients = askOnAndOn(web.listenPort, { kept: 8, others: 8 });
    await until(() => work.current).toBe(hardLimit);
    await reloadWhileBusy(started, [web], work);
    expect(new Set(await finishUntil(work, clients.end()))).toEqual(new Set([200]));
    await expectWhole(web, work);
    expect([work.most, started.wakes, started.problems]).toEqual([hardLimit, [], []]);
  });

  it('of raw connections', async () => {
    const store = await route({ mode: 'tcp', concurrency: { hardLimit } });
    const started = await gate([store], { reloadEveryMs: 1 });
    const work = new Work();
    await tcpMachine(store.internalPort, (socket) => {
      // Without a byte it is the gate that looks whether the machine is up.
      socket.once('data', () => work.begin(socket, () => socket.end('served')));
    });
    started.serve(store, machine);
    let isOver = false;
    const client = async () => {
      const said: string[] = [];
      while (!isOver) {
        const one = talk(store.listenPort, 'x');
        one.socket.once('end', () => one.socket.end());
        said.push(await one.said);
      }
      return said;
    };
    const clients = Array.from({ length: 8 }, client);
    await until(() => work.current).toBe(hardLimit);
    await reloadWhileBusy(started, [store], work);
    isOver = true;
    expect(new Set((await finishUntil(work, Promise.all(clients))).flat())).toEqual(new Set(['served']));
    expect([work.most, started.wakes]).toEqual([hardLimit, []]);
  });

  it('also for the last request of connections that were kept before', async () => {
    const web = await route({ concurrency: { type: 'requests', hardLimit } });
    const { plane, serve, wakes } = await gate([web], { reloadEveryMs: 1 });
    const work = await slowMachine(web);
    serve(web, machine);
    const agents = Array.from({ length: 5 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    onTestFinished(() => {
      for (const agent of agents) agent.destroy();
    });
    for (const agent of agents) await keptRequest(agent, web.listenPort, '/quick');
    await plane.setRoutes([web, await route({ app: 'added' })]);
    const others = Array.from({ length: 5 }, () => ask(web.listenPort).then(({ status }) => status));
    await until(() => work.current).toBe(hardLimit);
    const last = agents.map((agent) => keptRequest(agent, web.listenPort));
    await until(async () => (await plane.load()).routes[0]?.queued).toBe(others.length + last.length - hardLimit);
    expect(new Set(await finishUntil(work, Promise.all([...others, ...last])))).toEqual(new Set([200]));
    expect([work.most, wakes]).toEqual([hardLimit, []]);
  });

  it('where a gate is killed and the next one takes over what runs', async () => {
    const web = await route({ concurrency: { type: 'requests', hardLimit }, internalPort: await freePort() });
    const work = await slowMachine(web);
    const folder = await gateFolder('child');
    const machines = [[routeName(web), [onLoopback]]] as const;
    const first = await folder.start({ routes: [web], machines });
    const clients = askOnAndOn(web.listenPort, { kept: 4, others: 4 });
    await until(() => work.current).toBe(hardLimit);
    first.tell({ routes: [web, await route({ app: 'added' })] });
    work.finish(2);
    await until(() => work.current).toBe(hardLimit);
    first.child.kill('SIGKILL');
    await new Promise((resolve) => first.child.once('exit', resolve));
    const second = await folder.start({ routes: [web], machines });
    for (let turn = 0; turn < 6; turn++) {
      const { begun } = work;
      await until(() => work.current).toBe(hardLimit);
      work.finish(1);
      await until(() => work.begun).toBeGreaterThan(begun);
    }
    expect(new Set(await finishUntil(work, clients.end()))).toEqual(new Set([200]));
    expect([work.most, second.lines]).toEqual([hardLimit, ['up']]);
  });
});

it('the last requests of kept connections are served where the limit is gone by then', async () => {
  const web = await route({ concurrency: { type: 'requests', hardLimit } });
  const { plane, serve } = await gate([web], { reloadEveryMs: 1 });
  await slowMachine(web);
  serve(web, machine);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  await keptRequest(agent, web.listenPort, '/quick');
  await plane.setRoutes([{ ...web, concurrency: { type: 'requests', softLimit: 20 } }]);
  expect(await keptRequest(agent, web.listenPort, '/quick')).toBe(200);
});

it('a machine that comes while others are full of what ends gets its share at once', async () => {
  const web = await route({ concurrency: { type: 'requests', hardLimit } });
  const { plane, serve, wakes } = await gate([web], { reloadEveryMs: 1 });
  const work = await slowMachine(web);
  await httpMachine(web.internalPort, (_, response) => response.end('other'), address(2));
  serve(web, machine);
  const long = Array.from({ length: hardLimit }, () => ask(web.listenPort).then(({ status }) => status));
  await until(() => work.current).toBe(hardLimit);
  await plane.setRoutes([web, await route({ app: 'added' })]);
  const waiting = ask(web.listenPort);
  await until(() => plane.held().get(routeName(web))).toBe(1);
  serve(web, machine, { name: 'm-2', address: address(2) });
  expect(await waiting).toMatchObject({ status: 200, body: 'other' });
  serve(web, machine);
  await until(() => plane.takesNew(routeName(web), 'm-2')).toBe(false);
  const next = ask(web.listenPort).then(({ status }) => status);
  await until(() => plane.held().get(routeName(web))).toBe(1);
  expect(await finishUntil(work, Promise.all([...long, next]))).toEqual([200, 200, 200, 200]);
  expect([work.most, wakes]).toEqual([hardLimit, []]);
});

it('a request for one machine by its name waits for that one where it is full of what ends', async () => {
  const web = await route({ concurrency: { type: 'requests', hardLimit } });
  const { plane, serve } = await gate([web], { reloadEveryMs: 1 });
  const work = await slowMachine(web);
  await httpMachine(web.internalPort, (_, response) => response.end('other'), address(2));
  const headers = { 'fly-force-instance-id': 'm-1' };
  const machines = [machine, { name: 'm-2', address: address(2) }];
  serve(web, ...machines);
  await until(async () => (await plane.load()).machines).toHaveLength(2);
  const long = Array.from({ length: hardLimit }, () => ask(web.listenPort, { headers }));
  await until(() => work.current).toBe(hardLimit);
  await plane.setRoutes([web, await route({ app: 'added' })]);
  const forced = ask(web.listenPort, { headers });
  const preferred = ask(web.listenPort, { headers: { 'fly-prefer-instance-id': 'm-1' } });
  expect(await preferred).toMatchObject({ status: 200, body: 'other' });
  expect(work.begun).toBe(hardLimit);
  const bodies = (await finishUntil(work, Promise.all([...long, forced]))).map(({ body }) => body);
  expect([bodies, work.begun, work.most]).toEqual([['', '', '', ''], hardLimit + 1, hardLimit]);
});
