import { once } from 'node:events';
import { createServer as createHttp2Server } from 'node:http2';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Route } from '../../src/api/route.ts';
import type { Certificate } from '../../src/gate/certificates.ts';
import { freePort } from '../cluster/free-ports.ts';
import { certificate, type Signed } from './certificates.ts';
import { gate, hosted, until } from './gate.ts';
import { address, ask, httpMachine } from './machines.ts';
import { handshake, http2, namesOf, whole } from './tls-clients.ts';

let a: Certificate & Signed;
let wild: Certificate & Signed;
beforeAll(async () => {
  a = await certificate('a.example');
  wild = await certificate('*.wild.example');
});

const secure = { port: 443, tls: {} };
const refused = 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME';

/** The edge by https, with these certificates. */
async function edge(routes: readonly Route[], certificates: readonly Certificate[], settings: object = {}) {
  const [edgeHttps, edgeHttp] = [await freePort(), await freePort()];
  return { edgeHttps, edgeHttp, ...(await gate(routes, { edgeHttps, edgeHttp, ...settings }, certificates)) };
}

const echo = ({ app, internalPort }: Route) =>
  httpMachine(internalPort, ({ headers, url }, response) => response.end(JSON.stringify({ app, url, headers })));

describe('a host by https', () => {
  it('is served with its certificate, and told as https', async () => {
    const routes = [
      await hosted('a', secure),
      await hosted('b', { ...secure, hosts: ['b.wild.example'] }),
      await hosted('b', { hosts: ['b.wild.example'] }),
    ];
    const { edgeHttps, serve } = await edge(routes, [a, wild]);
    for (const route of routes) {
      await echo(route);
      serve(route, { name: 'm-1' });
    }
    expect(await namesOf(edgeHttps, { servername: 'a.example' })).toBe('DNS:a.example');
    expect(await namesOf(edgeHttps, { servername: 'B.wild.example' })).toBe('DNS:*.wild.example');
    for (const [app, servername, ca] of [
      ['a', 'a.example', a.cert],
      ['b', 'b.wild.example', wild.cert],
    ] as const) {
      const { status, body } = await ask(edgeHttps, { headers: { host: servername }, secure: { servername, ca } });
      const told = {
        'x-forwarded-proto': 'https',
        'x-forwarded-ssl': 'on',
        'x-forwarded-port': '443',
        'fly-forwarded-port': '443',
      };
      expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 200, app, headers: told });
    }
  });

  it('is refused before anything is said, where it is not known', async () => {
    const { edgeHttps } = await edge([await hosted('a', secure), await hosted('plain')], [a, wild]);
    for (const servername of ['other.example', 'plain.example', 'x.a.example', 'airfield.invalid', '']) {
      expect({ servername, got: await namesOf(edgeHttps, { servername }) }).toEqual({ servername, got: refused });
    }
    const other = ask(edgeHttps, {
      headers: { host: 'other.example' },
      secure: { servername: 'a.example', ca: a.cert },
    });
    expect(await other).toMatchObject({ status: 404 });
  });

  it('has a certificate that is signed by itself only where its route says so', async () => {
    const own = await hosted('own', { ...secure, tls: { selfSigned: true } });
    const routes = [own, await hosted('none', secure), await hosted('a', { ...secure, tls: { selfSigned: true } })];
    const { edgeHttps } = await edge(routes, [a]);
    expect(await namesOf(edgeHttps, { servername: 'own.example' })).toBe('DNS:airfield.invalid');
    expect(await namesOf(edgeHttps, { servername: 'a.example' })).toBe('DNS:a.example');
    expect(await namesOf(edgeHttps, { servername: 'none.example' })).toBe(refused);
  });

  it('has the protocols and versions that its route says', async () => {
    const routes = [
      await hosted('a', secure),
      await hosted('b', { ...secure, hosts: ['b.wild.example'], tls: { alpn: ['http/1.1'], versions: ['TLSv1.3'] } }),
      await hosted('c', { ...secure, hosts: ['c.wild.example'], tls: { alpn: ['h2'], versions: ['TLSv1.2'] } }),
    ];
    const { edgeHttps } = await edge(routes, [a, wild]);
    const seen = async (servername: string, options: object = {}) => {
      const socket = await handshake(edgeHttps, { servername, ALPNProtocols: ['h2', 'http/1.1'], ...options });
      return typeof socket === 'string' ? socket : `${socket.alpnProtocol} ${socket.getProtocol()}`;
    };
    expect(await seen('a.example')).toBe('h2 TLSv1.3');
    expect(await seen('a.example', { maxVersion: 'TLSv1.2' })).toBe('h2 TLSv1.2');
    expect(await seen('b.wild.example')).toBe('http/1.1 TLSv1.3');
    expect(await seen('b.wild.example', { maxVersion: 'TLSv1.2' })).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
    expect(await seen('c.wild.example')).toBe('h2 TLSv1.2');
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    expect(await seen('a.example', old)).toMatch(/PROTOCOL_VERSION/);
    const weak = { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' } as const;
    expect(await seen('a.example', weak)).toMatch(/HANDSHAKE_FAILURE/);
  });
});

describe('through the edge by https', () => {
  const known = () => ({ servername: 'a.example', ca: a.cert });

  it('HTTP/2: requests of one connection go by :authority', async () => {
    const [one, other] = [await hosted('a', secure), await hosted('b', { ...secure, hosts: ['b.wild.example'] })];
    const { edgeHttps, serve } = await edge([one, other], [a, wild]);
    for (const route of [one, other]) {
      await echo(route);
      serve(route, { name: 'm-1' });
    }
    const session = http2(edgeHttps, known());
    const asked = async (authority: string) => whole(session.request({ ':path': '/x', ':authority': authority }));
    for (const [authority, app] of [
      ['a.example', 'a'],
      ['B.wild.example:443', 'b'],
    ] as const) {
      const { status, body } = await asked(authority);
      expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 200, app, headers: { via: '2.0 airfield' } });
    }
    expect(await asked('c.example')).toMatchObject({ status: 404 });
  });

  it('gRPC: HTTP/2 to the machine, trailers back, also where it is woken', async () => {
    const grpc = await hosted('a', { ...secure, http: { h2Backend: true } });
    const { edgeHttps, serve, wakes } = await edge([grpc], [a]);
    const stream = http2(edgeHttps, known()).request({ ':method': 'POST', ':path': '/x.Y/Z', te: 'trailers' });
    const answer = whole(stream);
    stream.end('message');
    await until(() => wakes).toEqual(['acme.a.edge-443']);
    const server = createHttp2Server();
    server.on('stream', (asked) => {
      asked.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      asked.on('wantTrailers', () => asked.sendTrailers({ 'grpc-status': '0' }));
      asked.pipe(asked);
    });
    await once(server.listen(grpc.internalPort, address(1)), 'listening');
    onTestFinished(() => void server.close());
    serve(grpc, { name: 'm-1' });
    expect(await answer).toMatchObject({ status: 200, body: 'message', trailers: { 'grpc-status': '0' } });
  });

  it('WebSocket, and events as they are sent', async () => {
    const web = await hosted('a', { ...secure, tls: { alpn: ['http/1.1'] } });
    const { edgeHttps, serve } = await edge([web], [a]);
    let next = () => {};
    const server = await httpMachine(web.internalPort, (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      next = () => response.end('data: 2\n\n');
    });
    server.on('upgrade', (_, socket) => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: PE4lKCy6wBiYa7MVpKt1rqm6YVc=\r\n\r\n',
      );
      socket.on('data', (data: Buffer) => socket.end(`echo ${data}`));
    });
    serve(web, { name: 'm-1' });
    const sent = async (...headers: string[]) => {
      const socket = await handshake(edgeHttps, known());
      if (typeof socket === 'string') throw new Error(socket);
      const got = { socket, text: '' };
      socket.setEncoding('latin1').on('data', (part: string) => {
        got.text += part;
      });
      socket.write(['GET / HTTP/1.1', 'host: a.example', ...headers, '', ''].join('\r\n'));
      return got;
    };
    const events = await sent();
    await until(() => events.text).toContain('data: 1');
    next();
    await until(() => events.text).toContain('data: 2');
    const upgraded = await sent(
      'connection: upgrade',
      'upgrade: websocket',
      'sec-websocket-key: eHh4eHh4eHh4eHh4eHh4eA==',
    );
    await until(() => upgraded.text).toMatch(/^HTTP\/1\.1 101 /);
    upgraded.socket.write('hi');
    await until(() => upgraded.text).toMatch(/\r\n\r\necho hi$/);
  });
});
