import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Route } from '../../src/api/route.ts';
import { routeName } from '../../src/gate/route-name.ts';
import type { GateSettings } from '../../src/gate/settings.ts';
import { freePort } from '../cluster/free-ports.ts';
import { type PortRoute, route, until } from './gate.ts';
import { gateFolder, machine } from './gate-folder.ts';
import { ask, httpMachine, talk, tcpMachine } from './machines.ts';

/** A gate with these routes, each with a machine; gives back what HAProxy has written, and fails where that is no JSON. */
async function logging(routes: readonly Route[], settings: Partial<GateSettings> = { accessLog: true }) {
  const folder = await gateFolder('child', settings);
  const gate = await folder.start({ routes, machines: routes.map((one) => [routeName(one), [machine]] as const) });
  const isOurs = (line: string) => /^(up|wake |problem |held )/.test(line);
  const log = () =>
    gate.lines.filter((line) => !isOurs(line)).map((line) => JSON.parse(line) as Record<string, unknown>);
  return { gate, log };
}

async function webWithMachine(fields: object = {}): Promise<PortRoute> {
  const web = await route({ internalPort: await freePort(), ...fields });
  await httpMachine(web.internalPort, (_, response) => response.end('hi'));
  return web;
}

const request = (line: string, ...headers: string[]) =>
  Buffer.from([line, ...headers, 'connection: close', '', ''].join('\r\n'), 'latin1');

const isWhole = (bytes: Buffer) => bytes.includes('\r\n\r\n');

/** What clients may send, and what is to be seen of it. */
const hostile: readonly [Buffer, object][] = [
  [request('GET /a"b\\c HTTP/1.1', 'host: x'), { path: '/a"b\\c' }],
  [request(`GET /${'"\\'.repeat(3000)} HTTP/1.1`, 'host: x'), { status: 200 }],
  [request('GET / HTTP/1.1', 'host: "}\t\xff\x80\xe9{%[src]'), { host: '"}\t{%[src]' }],
  [request('GET /%[src]%HU%0a%22%00 HTTP/1.1', 'host: x'), { path: '/%[src]%HU%0a%22%00' }],
  [request("M'!#$%&*+-.^_`|~ / HTTP/1.1", 'host: x'), { method: "M'!#$%&*+-.^_`|~" }],
  [request('GET / HTTP/1.1', 'host: x', 'x-forwarded-for: "'), { client: '127.0.0.1' }],
  [request('GET / HTTP/1.1', 'host: x', 'fly-request-id: ",'), { status: 200 }],
  [request('GET / HTTP/1.0'), { host: '-' }],
  [request('OPTIONS * HTTP/1.1', 'host: x'), { path: '-' }],
  [Buffer.from('\x16\x03\x01"}\0\r\n\r\n'), { access: 'error', status: 400 }],
  [Buffer.from('GET /"'), { access: 'error', status: 400 }],
];

describe('the access log', () => {
  it('has a line for each request, without what stands behind a question mark', async () => {
    const web = await webWithMachine();
    const { log } = await logging([web]);
    const { headers } = await ask(web.listenPort, {
      path: '/a/b?token=secret',
      method: 'POST',
      headers: { host: 'x.example' },
    });
    await until(() => log().length).toBe(1);
    expect(log()).toEqual([
      {
        access: 'http',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        namespace: 'acme',
        app: 'web',
        route: routeName(web),
        client: '127.0.0.1',
        method: 'POST',
        host: 'x.example',
        path: '/a/b',
        machine: 'm-1',
        ended: '--',
        requestId: headers['fly-request-id'],
        status: 200,
        sent: expect.any(Number),
        received: expect.any(Number),
        queueMs: expect.any(Number),
        connectMs: expect.any(Number),
        responseMs: expect.any(Number),
        totalMs: expect.any(Number),
      },
    ]);
    expect(Math.abs(Date.parse(String(log()[0]?.time)) - Date.now())).toBeLessThan(60_000);
  });

  it('is JSON, whatever clients send', async () => {
    const web = await webWithMachine();
    const { log } = await logging([web]);
    for (const [index, [bytes, expected]] of hostile.entries()) {
      // Who has closed one side is taken for one who has gone, if the gate sees it before the answer (`option abortonclose`).
      talk(web.listenPort, bytes, { andEnd: !isWhole(bytes) });
      await until(() => log().length).toBe(index + 1);
      expect(log().at(-1), `${bytes}`).toMatchObject(expected);
    }
  });

  it('has requests for which there is no machine', async () => {
    const web = await route({ autoStart: false });
    const folder = await gateFolder('child', { accessLog: true });
    const { lines } = await folder.start({ routes: [web], machines: [] });
    expect((await ask(web.listenPort)).status).toBe(503);
    await until(() => lines.length).toBe(2);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ access: 'http', app: 'web', status: 503, machine: '<NOSRV>' });
  });

  it('has connections, and how long they waited', async () => {
    const mail = await route({ mode: 'tcp', internalPort: await freePort() });
    const { gate, log } = await logging([mail]);
    gate.set(routeName(mail), []);
    const { socket, said } = talk(mail.listenPort, '');
    await until(() => gate.lines).toContain(`wake ${routeName(mail)}`);
    await pause(100);
    await tcpMachine(
      mail.internalPort,
      (one) =>
        void one
          .on('end', () => one.end())
          .resume()
          .write('220\n'),
    );
    gate.set(routeName(mail), [machine]);
    socket.end();
    await said;
    await until(() => log().length).toBe(1);
    expect(log()).toMatchObject([
      { access: 'tcp', app: 'web', client: '127.0.0.1', machine: 'm-1', sent: 4, ended: '--' },
    ]);
    expect(Number(log()[0]?.queueMs)).toBeGreaterThanOrEqual(100);
  });

  it('has handshakes that failed, and nothing of reloads', async () => {
    const secure = await webWithMachine({ port: 443, hosts: ['x.example'], tls: { selfSigned: true } });
    const { gate, log } = await logging([secure]);
    gate.tell({ routes: [secure, await route({ app: 'added' })] });
    talk(secure.listenPort, 'GET / HTTP/1.1\r\nhost: "\r\n\r\n');
    await until(() => log().length).toBe(1);
    expect(log()).toMatchObject([{ access: 'error', listener: routeName(secure), client: '127.0.0.1' }]);
    gate.child.kill();
    await new Promise((resolve) => gate.child.once('exit', resolve));
    expect(log()).toHaveLength(1);
  });

  it('is none, unless it is asked for', async () => {
    const web = await webWithMachine();
    const { gate, log } = await logging([web], {});
    expect((await ask(web.listenPort)).status).toBe(200);
    gate.child.kill();
    await new Promise((resolve) => gate.child.once('exit', resolve));
    expect(log()).toEqual([]);
  });
});
