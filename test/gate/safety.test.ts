import { describe, expect, it } from 'vitest';
import { gate, route, until } from './gate.ts';
import { ask, httpMachine, talk } from './machines.ts';

/** Sends these bytes to a gate whose machine counts the requests that reach it. */
async function sent(bytes: string, fields: object = {}): Promise<{ said: string; reached: string[] }> {
  const web = await route(fields);
  const { serve } = await gate([web]);
  const reached: string[] = [];
  await httpMachine(web.internalPort, ({ url = '', method }, response) => {
    reached.push(`${method} ${url}`);
    response.end();
  });
  serve(web, { name: 'm-1' });
  await ask(web.listenPort, { path: '/first' });
  const said = await talk(web.listenPort, bytes).said;
  return { said, reached: reached.slice(1) };
}

const post = (...headers: string[]) => ['POST / HTTP/1.1', 'host: x', 'connection: close', ...headers].join('\r\n');
const smuggled = 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n';

describe('a request that can be read in two ways', () => {
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
    const { said, reached } = await sent(bytes);
    expect(said).toMatch(/^HTTP\/1\.[01] (400|422|501) /);
    expect(reached.filter((request) => request.includes('smuggled'))).toEqual([]);
  });
});

describe('a request that has one reading', () => {
  it.each([
    // RFC 9112, section 6.3: the length does not count, it is taken out, and the connection is closed.
    ['chunks beside a length', ['content-length: 4', 'transfer-encoding: chunked'], `0\r\n\r\n${smuggled}`],
    // Section 5.2: a folded line is made one.
    ['a folded line', ['x: a', ' content-length: 5'], smuggled],
  ])('reaches the machine in that one alone: %s', async (_, headers, body) => {
    const { said, reached } = await sent(`${post(...headers)}\r\n\r\n${body}`);
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

  it('that sends headers without an end is told so', async () => {
    const { said, reached } = await sent(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`);
    expect(said).toMatch(/^HTTP\/1\.1 (400|431) /);
    expect(reached).toEqual([]);
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
