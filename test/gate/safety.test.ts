import { describe, expect, it } from 'vitest';
import { routeName } from '../../src/gate/route-name.ts';
import { freePort } from '../cluster/free-ports.ts';
import { gate, hosted, route, until } from './gate.ts';
import { ask, httpMachine, talk } from './machines.ts';

type Way = 'its own port' | 'the edge';
const ways: Way[] = ['its own port', 'the edge'];

/** Sends these bytes to a gate whose machine counts the requests that reach it. */
async function sent(
  bytes: string,
  { way = 'its own port', ...fields }: { way?: Way; http?: object } = {},
): Promise<{ said: string; reached: string[] }> {
  const web = await route({ ...fields, hosts: ['x'] });
  const edgeHttp = await freePort();
  const { serve } = await gate([web], { edgeHttp });
  const reached: string[] = [];
  await httpMachine(web.internalPort, ({ url = '', method }, response) => {
    reached.push(`${method} ${url}`);
    response.end();
  });
  serve(web, { name: 'm-1' });
  await ask(web.listenPort, { path: '/first' });
  const said = await talk(way === 'the edge' ? edgeHttp : web.listenPort, bytes).said;
  return { said, reached: reached.slice(1) };
}

const post = (...headers: string[]) => ['POST / HTTP/1.1', 'host: x', 'connection: close', ...headers].join('\r\n');
const smuggled = 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n';

describe.each(ways)('a request that can be read in two ways, on %s', (way) => {
  it.each([
    ['two lengths', `${post('content-length: 4', 'content-length: 0')}\r\n\r\n${smuggled}`],
    ['a length that is none', `${post('content-length: +4')}\r\n\r\nabcd`],
    ['chunks of another spelling', `${post('transfer-encoding: xchunked')}\r\n\r\n0\r\n\r\n${smuggled}`],
    ['chunks that are not last', `${post('transfer-encoding: chunked, identity')}\r\n\r\n0\r\n\r\n${smuggled}`],
    ['chunks twice', `${post('transfer-encoding: chunked', 'transfer-encoding: chunked')}\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a blank before the colon', `${post('transfer-encoding : chunked')}\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a zero byte', `${post('x: a\0b')}\r\n\r\n`],
    ['a bad chunk', `${post('transfer-encoding: chunked')}\r\n\r\nzz\r\n\r\n${smuggled}`],
    ['two hosts', `${post('host: y')}\r\n\r\n`],
    ['a blank in the path', 'GET /a b HTTP/1.1\r\nhost: x\r\n\r\n'],
  ])('is refused: %s', async (_, bytes) => {
    const { said, reached } = await sent(bytes, { way });
    expect(said).toMatch(/^HTTP\/1\.[01] (400|422|501) /);
    expect(reached.filter((request) => request.includes('smuggled'))).toEqual([]);
  });
});

describe.each(ways)('a request that has one reading, on %s', (way) => {
  it.each([
    // RFC 9112, section 6.3: the length does not count, it is taken out, and the connection is closed.
    ['chunks beside a length', ['content-length: 4', 'transfer-encoding: chunked'], `0\r\n\r\n${smuggled}`],
    // Section 5.2: a folded line is made one.
    ['a folded line', ['x: a', ' content-length: 5'], smuggled],
  ])('reaches the machine in that one alone: %s', async (_, headers, body) => {
    const { said, reached } = await sent(`${post(...headers)}\r\n\r\n${body}`, { way });
    expect(said.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(reached).toEqual(['POST /']);
  });
});

describe('a client', () => {
  it('that is slow with its headers is told so', async () => {
    const { said, reached } = await sent('GET / HTTP/1.1\r\nhost: x\r\n', { http: { headersReadTimeout: '200ms' } });
    expect(said).toMatch(/^HTTP\/1\.1 408 /);
    expect(reached).toEqual([]);
  });

  it.each(ways)('that sends headers without an end is told so, on %s', async (way) => {
    const { said, reached } = await sent(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`, { way });
    expect(said).toMatch(/^HTTP\/1\.1 (400|431) /);
    expect(reached).toEqual([]);
  });

  it('that connects for TLS and never says anything is not waited for', async () => {
    const web = await route({ tls: { selfSigned: true }, http: { idleTimeout: '300ms' } });
    await gate([web]);
    for (const bytes of ['', '\x16\x03\x01\x02', 'GET / HTTP/1.1\r\nhost: x\r\n\r\n']) {
      expect(await talk(web.listenPort, bytes).said).not.toMatch(/^HTTP/);
    }
  });

  it('that floods an App whose machine does not come takes nothing from others', async () => {
    const hold = { number: 5, time: '60s' };
    const [flooded, other] = [await hosted('flooded', { hold }), await hosted('other')];
    const edgeHttp = await freePort();
    const { plane, serve } = await gate([flooded, other], { edgeHttp });
    await httpMachine(other.internalPort, (_, response) => response.end('other'));
    serve(other, { name: 'm-1' });
    const answers: number[] = [];
    const at = (host: string) => ask(edgeHttp, { headers: { host } });
    const all = Array.from({ length: 100 }, () => at('flooded.example').then(({ status }) => answers.push(status)));
    await until(() => answers.length).toBe(95);
    expect(new Set(answers)).toEqual(new Set([503]));
    expect(await at('other.example')).toMatchObject({ status: 200, body: 'other' });
    expect(plane.held().get(routeName(flooded))).toBe(5);
    await httpMachine(flooded.internalPort, (_, response) => response.end('at last'));
    serve(flooded, { name: 'm-1' });
    await Promise.all(all);
    expect(answers.filter((status) => status === 200)).toHaveLength(5);
  });

  it('whose machine says nothing is told so', async () => {
    const web = await route({ http: { idleTimeout: '300ms' } });
    const { serve } = await gate([web]);
    await httpMachine(web.internalPort, () => {});
    serve(web, { name: 'm-1' });
    expect(await ask(web.listenPort, { method: 'POST' })).toMatchObject({ status: 504 });
  });

  it('waits for a machine longer than it may be idle', async () => {
    const web = await route({ http: { idleTimeout: '100ms', headersReadTimeout: '100ms' }, hold: { time: '1s' } });
    await gate([web]);
    expect(await ask(web.listenPort, { method: 'POST', body: 'x' })).toMatchObject({ status: 503 });
  });
});

describe('a machine', () => {
  it('that cannot be reached is passed over', async () => {
    const web = await route();
    const { plane, serve } = await gate([web]);
    const server = await httpMachine(web.internalPort, (_, response) => response.end());
    await httpMachine(web.internalPort, (_, response) => response.end('other'), '127.0.0.2');
    serve(web, { name: 'm-1' }, { name: 'm-2', address: '127.0.0.2' });
    await until(async () => (await plane.load()).machines).toHaveLength(2);
    server.close();
    server.closeAllConnections();
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(web.listenPort, { method: 'POST' })));
    expect(answers.map(({ body }) => body)).toEqual(answers.map(() => 'other'));
  });
});
