import type { ServerResponse } from 'node:http';
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gate, route, until } from './gate.ts';
import { address, ask, httpMachine, talk, tcpMachine } from './machines.ts';

/** Counts what is open at once. */
function counter() {
  let open = 0;
  const seen = { most: 0, all: 0 };
  return {
    seen,
    begin() {
      seen.all++;
      seen.most = Math.max(seen.most, ++open);
    },
    end() {
      open--;
    },
  };
}

/** Requests from clients that keep their connections, `each` of them one after the other. */
async function clients(port: number, count: number, each: number): Promise<number[]> {
  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const statuses: number[] = [];
    for (let index = 0; index < each; index++) {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const sent = request({ host: address(1), port, agent }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      });
      sent.once('error', reject).end();
      statuses.push(await promise);
    }
    return statuses;
  };
  return (await Promise.all(Array.from({ length: count }, client))).flat();
}

describe('a hardLimit', () => {
  it('of requests is never exceeded', async () => {
    const web = await route({ concurrency: { type: 'requests', hardLimit: 3 } });
    const { serve } = await gate([web]);
    const { seen, begin, end } = counter();
    await httpMachine(web.internalPort, (_, response) => {
      begin();
      setTimeout(() => {
        end();
        response.end();
      }, 2);
    });
    serve(web, { name: 'm-1' });
    expect(new Set(await clients(web.listenPort, 30, 10))).toEqual(new Set([200]));
    expect(seen).toEqual({ most: 3, all: 300 });
  });

  it('of connections is never exceeded, nor is one kept without a request', async () => {
    const web = await route({ concurrency: { type: 'connections', hardLimit: 3 } });
    const { serve } = await gate([web]);
    const { seen, begin, end } = counter();
    const open = new Set<Socket>();
    await httpMachine(web.internalPort, ({ socket }, response) => {
      if (!open.has(socket)) {
        begin();
        open.add(socket);
        socket.once('close', () => open.delete(socket) && end());
      }
      setTimeout(() => response.end(), 2);
    });
    serve(web, { name: 'm-1' });
    expect(new Set(await clients(web.listenPort, 30, 5))).toEqual(new Set([200]));
    expect(seen).toEqual({ most: 3, all: 150 });
    await until(() => open.size).toBe(0);
  });

  it('of raw connections is never exceeded', async () => {
    const store = await route({ mode: 'tcp', concurrency: { hardLimit: 2 } });
    const { serve } = await gate([store]);
    const { seen, begin, end } = counter();
    await tcpMachine(store.internalPort, (socket) => {
      socket.once('data', (data) => {
        begin();
        setTimeout(() => {
          end();
          socket.end(data);
        }, 2);
      });
    });
    serve(store, { name: 'm-1' });
    const said = Array.from({ length: 20 }, (_, index) => talk(store.listenPort, `${index}`, { andEnd: true }).said);
    expect(await Promise.all(said)).toEqual(said.map((_, index) => `${index}`));
    expect(seen).toEqual({ most: 2, all: 20 });
  });

  it('makes others wait, for as long and as many as the route says', async () => {
    const web = await route({ concurrency: { type: 'requests', hardLimit: 1 }, hold: { number: 1, time: '1s' } });
    const { plane, serve } = await gate([web]);
    const answers: ServerResponse[] = [];
    await httpMachine(web.internalPort, (_, response) => answers.push(response));
    serve(web, { name: 'm-1' });
    const first = ask(web.listenPort);
    await until(() => answers).toHaveLength(1);
    const second = ask(web.listenPort);
    await until(async () => (await plane.load()).routes[0]?.queued).toBe(1);
    expect(await ask(web.listenPort)).toMatchObject({ status: 503, body: expect.stringContaining('hardLimit') });
    expect(await second).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    answers[0]?.end('done');
    expect(await first).toMatchObject({ status: 200, body: 'done' });
  });

  it('has room for others when one who waits has gone, and the machine sees nothing of it', async () => {
    const web = await route({ concurrency: { type: 'requests', hardLimit: 1 } });
    const { plane, serve } = await gate([web]);
    const answers: ServerResponse[] = [];
    await httpMachine(web.internalPort, (_, response) => answers.push(response));
    serve(web, { name: 'm-1' });
    const first = ask(web.listenPort);
    await until(() => answers).toHaveLength(1);
    const gone = talk(web.listenPort, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const queued = async () => (await plane.load()).routes[0]?.queued;
    await until(queued).toBe(1);
    gone.socket.destroy();
    await until(queued).toBe(0);
    answers[0]?.end('done');
    expect(await first).toMatchObject({ status: 200, body: 'done' });
    expect(answers).toHaveLength(1);
  });

  it('lets those who wait go to a machine that comes', async () => {
    const web = await route({ concurrency: { type: 'requests', hardLimit: 1 } });
    const { plane, serve } = await gate([web]);
    await httpMachine(web.internalPort, () => {});
    await httpMachine(web.internalPort, (_, response) => response.end('second'), address(2));
    serve(web, { name: 'm-1' });
    const first = ask(web.listenPort).catch(() => 'ended with the test');
    await until(async () => (await plane.load()).machines[0]?.current).toBe(1);
    const second = ask(web.listenPort);
    await until(async () => (await plane.load()).routes[0]?.queued).toBe(1);
    serve(web, { name: 'm-1' }, { name: 'm-2', address: address(2) });
    expect(await second).toMatchObject({ status: 200, body: 'second' });
    void first;
  });
});

it('a machine that comes while many wait gets no more than its limit, however often it comes', async () => {
  const web = await route({ concurrency: { type: 'requests', hardLimit: 3 } });
  const { serve } = await gate([web]);
  const counted = [counter(), counter(), counter()];
  for (const [index, { begin, end }] of counted.entries()) {
    const answer = (_: unknown, response: ServerResponse) => {
      begin();
      setTimeout(() => response.end(end()), 5);
    };
    await httpMachine(web.internalPort, answer, address(index + 1));
  }
  serve(web, { name: 'm-1' });
  let isOver = false;
  const statuses = new Set<number | undefined>();
  const client = async () => {
    while (!isOver) statuses.add((await ask(web.listenPort)).status);
  };
  const asking = Array.from({ length: 30 }, client);
  for (let turn = 0; turn < 20; turn++) {
    const index = 1 + (turn % 2);
    const before = counted[index]?.seen.all ?? 0;
    serve(web, { name: 'm-1' }, { name: 'm-2', address: address(index + 1) });
    await until(() => counted[index]?.seen.all).toBeGreaterThan(before);
  }
  isOver = true;
  await Promise.all(asking);
  expect([counted.map(({ seen }) => seen.most), [...statuses]]).toEqual([[3, 3, 3], [200]]);
});

it('the machine with the least to do is preferred, whatever its softLimit', async () => {
  const web = await route({ concurrency: { type: 'requests', softLimit: 1 } });
  const { plane, serve } = await gate([web]);
  for (const index of [1, 2]) await httpMachine(web.internalPort, () => {}, address(index));
  serve(web, { name: 'm-1' }, { name: 'm-2', address: address(2) });
  await until(async () => (await plane.load()).machines).toHaveLength(2);
  for (let index = 0; index < 10; index++) ask(web.listenPort).catch(() => {});
  const current = async () => (await plane.load()).machines.map((machine) => machine.current);
  await until(current).toEqual([5, 5]);
});
