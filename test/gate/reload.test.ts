import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { routeName } from '../../src/gate/route-name.ts';
import { gate, route, until } from './gate.ts';
import { address, ask, httpMachine, talk, tcpMachine } from './machines.ts';

describe('a reload', () => {
  it('loses nothing that is under way and nothing that comes', async () => {
    const [web, store] = [await route({ hold: { number: 1000 } }), await route({ app: 'store', mode: 'tcp' })];
    const { plane, serve } = await gate([web, store], { reloadEveryMs: 150 });
    await httpMachine(web.internalPort, ({ url }, response) => response.end(url));
    await tcpMachine(
      store.internalPort,
      (socket) => socket.on('data', (data) => socket.write(data)).on('end', () => socket.end()),
      address(2),
    );
    serve(web, { name: 'm-1' });
    serve(store, { name: 'm-2', address: address(2) });
    const stream = talk(store.listenPort, 'a');
    let isOver = false;
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const statuses: number[] = [];
    const client = async (kept: boolean) => {
      while (!isOver) {
        await pause(5);
        statuses.push(kept ? await keptRequest(agent, web.listenPort) : (await ask(web.listenPort)).status);
      }
    };
    const clients = [client(true), client(true), client(false)];
    for (let index = 0; index < 3; index++) await plane.setRoutes([web, store, await route({ app: `added-${index}` })]);
    isOver = true;
    await Promise.all(clients);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(statuses.length).toBeGreaterThan(20);
    expect(plane.loads).toBe(4);
    stream.socket.end('b');
    expect(await stream.said).toBe('ab');
  });

  it('comes once for many changes, and never for machines', async () => {
    const web = await route();
    const { plane, serve } = await gate([web], { reloadEveryMs: 500 });
    const added = await route({ app: 'added' });
    const changes = Array.from({ length: 200 }, (_, port) => plane.setRoutes([web, { ...added, port: port + 1 }]));
    for (let index = 0; index < 50; index++) serve(web, { name: `m-${index}` });
    await Promise.all(changes);
    expect(plane.loads).toBe(2);
    await plane.setRoutes([web, { ...added, port: 200 }]);
    expect(plane.loads).toBe(2);
  });

  it('knows the machines that there are', async () => {
    const web = await route();
    const { plane, serve, wakes } = await gate([web], { reloadEveryMs: 1 });
    for (const index of [1, 2])
      await httpMachine(web.internalPort, (_, response) => response.end(`${index}`), address(index));
    serve(web, { name: 'm-1' });
    expect((await ask(web.listenPort)).body).toBe('1');
    wakes.length = 0;
    const reload = plane.setRoutes([web, await route({ app: 'added' })]);
    serve(web, { name: 'm-2', address: address(2) });
    await reload;
    await until(async () => (await plane.load()).machines.map(({ machine }) => machine)).toEqual(['m-2']);
    expect((await ask(web.listenPort)).body).toBe('2');
    expect(wakes).toEqual([]);
  });
});

it('a gate that is stopped right after a reload ends by itself when nothing is under way', async () => {
  const longest = 600_000;
  for (let turn = 0; turn < 8; turn++) {
    const { plane } = await gate([], { reloadEveryMs: 1 });
    await plane.setRoutes([await route()]);
    await plane.stop(longest);
  }
});

describe('what cannot be served', () => {
  it('is said, and the rest goes on', async () => {
    const web = await route();
    const { plane, serve, problems } = await gate([web], { reloadEveryMs: 1 });
    await httpMachine(web.internalPort, (_, response) => response.end('hi'));
    serve(web, { name: 'm-1' });
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const other = await route({ app: 'other', listenPort: port });
    await expect(plane.setRoutes([web, other])).rejects.toThrow('HAProxy could not take the configuration');
    expect((await ask(web.listenPort)).body).toBe('hi');
    const third = await route({ app: 'third' });
    await plane.setRoutes([web, third, { ...third, app: 'fourth' }]);
    expect(problems).toEqual([
      `acme.fourth.${third.listenPort}: listenPort is that of ${routeName(third)}: choose another one`,
    ]);
    expect((await ask(web.listenPort)).body).toBe('hi');
  });

  it('is served when it is asked for again and nothing stands against it any more', async () => {
    const web = await route();
    const { plane, serve } = await gate([], { reloadEveryMs: 1 });
    const taken = createServer().listen(web.listenPort, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    await expect(plane.setRoutes([web])).rejects.toThrow('HAProxy could not take the configuration');
    await new Promise((resolve) => taken.close(resolve));
    await plane.setRoutes([web]);
    await httpMachine(web.internalPort, (_, response) => response.end('hi'));
    serve(web, { name: 'm-1' });
    expect((await ask(web.listenPort)).body).toBe('hi');
  });

  it('comes back when HAProxy has died', async () => {
    const web = await route();
    const { serve, problems, lines } = await gate([web], { reloadEveryMs: 1 });
    await httpMachine(web.internalPort, (_, response) => response.end('hi'));
    serve(web, { name: 'm-1' });
    expect((await ask(web.listenPort)).status).toBe(200);
    const worker = /New worker \((\d+)\) forked/.exec(lines.join())?.[1];
    expect(readFileSync(`/proc/${worker}/comm`, 'utf8')).toBe('haproxy\n');
    process.kill(Number(worker), 'SIGKILL');
    await until(() => problems).toEqual(['HAProxy has exited: it is started again']);
    await until(() =>
      ask(web.listenPort).then(
        ({ status }) => status,
        () => 0,
      ),
    ).toBe(200);
  });
});

/** On a connection that is kept. One that the gate closes before the request is there is opened again, as clients do. */
function keptRequest(agent: Agent, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sent = request({ host: address(1), port, agent }, (response) => {
    response.resume().once('end', () => resolve(response.statusCode ?? 0));
  });
  sent.once('error', (error: NodeJS.ErrnoException) => {
    if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(keptRequest(agent, port));
    else reject(error);
  });
  sent.end();
  return promise;
}
