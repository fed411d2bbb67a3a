import { describe, expect, it } from 'vitest';
import { routeName } from '../../src/gate/route-name.ts';
import { gate, route, until } from './gate.ts';
import { ask, httpMachine, talk, tcpMachine } from './machines.ts';

const machine = { name: 'm-1' };

describe('a request without a machine', () => {
  it('waits for one, which is asked for once', async () => {
    const web = await route();
    const { plane, wakes, coldStarts, serve } = await gate([web]);
    const answers = Array.from({ length: 20 }, (_, index) => ask(web.listenPort, { path: `/${index}` }));
    await until(() => plane.held().get(routeName(web))).toBe(20);
    expect(wakes).toEqual([routeName(web)]);
    plane.coldStartGoesOn(routeName(web), 'wake');
    serve(web, machine);
    await httpMachine(web.internalPort, ({ url }, response) => response.end(url));
    expect((await Promise.all(answers)).map(({ body }) => body)).toEqual(answers.map((_, index) => `/${index}`));
    expect(plane.held().size).toBe(0);
    expect(coldStarts).toHaveLength(1);
    const [{ dial = 0, serve: served = 0, total = 0 } = {}] = coldStarts;
    expect([dial > 0, served > 0, total > dial + served]).toEqual([true, true, true]);
    expect(plane.held().size).toBe(0);
  });

  it('asks again for one that has gone', async () => {
    const web = await route();
    const { plane, wakes, serve } = await gate([web]);
    await httpMachine(web.internalPort, (_, response) => response.end());
    for (const name of ['m-1', 'm-2']) {
      const answer = ask(web.listenPort);
      await until(() => wakes).toContain(routeName(web));
      wakes.length = 0;
      serve(web, { name });
      expect(await answer).toMatchObject({ status: 200 });
      serve(web);
      await until(async () => (await plane.load()).machines).toEqual([]);
    }
  });

  it('does not count any more when its client has gone', async () => {
    const web = await route();
    const { plane } = await gate([web]);
    const { socket } = talk(web.listenPort, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await until(() => plane.held().get(routeName(web))).toBe(1);
    socket.destroy();
    await until(() => plane.held()).toEqual(new Map());
  });

  it('is told when it has waited too long', async () => {
    const web = await route({ hold: { time: '1s' } });
    const { wakes } = await gate([web]);
    expect(await ask(web.listenPort)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5', 'content-type': 'text/plain' },
      body: 'no machine of this App was up within 1s: try again\n',
    });
    expect(wakes).toHaveLength(1);
  });

  it('is told when too many wait already, in its route or in the gate', async () => {
    const web = await route({ hold: { number: 2 } });
    const other = await route({ app: 'other', internalPort: web.internalPort });
    const { plane, serve } = await gate([web, other], { maxHeld: 3 });
    const waiting = [ask(web.listenPort), ask(web.listenPort), ask(other.listenPort)];
    await until(() => [...plane.held().values()]).toEqual([2, 1]);
    const full = { status: 503, headers: { 'retry-after': '5' }, body: expect.stringContaining('too many wait') };
    expect(await ask(web.listenPort)).toMatchObject(full);
    expect(await ask(other.listenPort)).toMatchObject(full);
    await httpMachine(web.internalPort, (_, response) => response.end());
    serve(web, machine);
    serve(other, machine);
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('is told at once where none may be started', async () => {
    const web = await route({ autoStart: false });
    const { wakes, serve } = await gate([web]);
    const body = 'no machine of this App runs, and autoStart is false: start one\n';
    expect(await ask(web.listenPort)).toMatchObject({ status: 503, headers: { 'content-type': 'text/plain' }, body });
    expect(wakes).toEqual([]);
    // One that has been started by others is waited for.
    serve(web, { ...machine, ready: false });
    const answer = ask(web.listenPort);
    await httpMachine(web.internalPort, (_, response) => response.end());
    serve(web, machine);
    expect(await answer).toMatchObject({ status: 200 });
  });

  it('outlives a reload', async () => {
    const [web, added] = [await route(), await route({ app: 'added' })];
    const { plane, serve } = await gate([web]);
    const waiting = [ask(web.listenPort), ask(web.listenPort, { method: 'POST', body: 'x'.repeat(100_000) })];
    await until(() => plane.held().get(routeName(web))).toBe(2);
    await plane.setRoutes([web, added]);
    const later = ask(web.listenPort);
    await until(() => plane.held().get(routeName(web))).toBe(3);
    serve(web, machine);
    await httpMachine(web.internalPort, (request, response) => request.resume().on('end', () => response.end('hi')));
    const bodies = (await Promise.all([...waiting, later])).map(({ body }) => body);
    expect(bodies).toEqual(['hi', 'hi', 'hi']);
  });
});

describe('a connection without a machine', () => {
  it('waits for one without a byte of the client', async () => {
    const mail = await route({ mode: 'tcp' });
    const { wakes, serve } = await gate([mail]);
    const { socket, said } = talk(mail.listenPort, '');
    await until(() => wakes).toEqual([routeName(mail)]);
    serve(mail, machine);
    await tcpMachine(mail.internalPort, (machineSide) => {
      machineSide.write('220 hello\n');
      machineSide.on('end', () => machineSide.end('bye\n')).resume();
    });
    await new Promise((resolve) => socket.once('data', resolve));
    socket.end();
    expect(await said).toBe('220 hello\nbye\n');
  });

  it('loses nothing of what the client has sent and ended meanwhile', async () => {
    const store = await route({ mode: 'tcp' });
    const { plane, serve } = await gate([store, await route({ app: 'other' })]);
    const sent = 3_000_000;
    const { said } = talk(store.listenPort, Buffer.alloc(sent), { andEnd: true });
    await until(() => plane.held().size).toBe(1);
    await plane.setRoutes([store]);
    serve(store, machine);
    await tcpMachine(store.internalPort, (socket) => {
      let bytes = 0;
      socket.on('data', (part) => {
        bytes += part.length;
      });
      socket.on('end', () => socket.end(`${bytes}`));
    });
    expect(await said).toBe(`${sent}`);
  });

  it('is closed where it cannot wait', async () => {
    const routes = [
      await route({ mode: 'tcp', autoStart: false }),
      await route({ mode: 'tcp', hold: { number: 0 } }),
      await route({ mode: 'tcp', hold: { time: '1s' } }),
    ];
    await gate(routes);
    for (const { listenPort } of routes) expect(await talk(listenPort, '').said).toBe('');
  });
});
