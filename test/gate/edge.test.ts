import { describe, expect, it } from 'vitest';
import type { Route } from '../../src/api/route.ts';
import { freePort } from '../cluster/free-ports.ts';
import { gate, hosted, until } from './gate.ts';
import { ask, httpMachine, talk } from './machines.ts';

/** The edge of a gate with these routes, each with a machine that says the name of its App and what it was asked. */
async function edge(routes: readonly Route[], settings: object = {}) {
  const edgeHttp = await freePort();
  const { serve, wakes, plane } = await gate(routes, { edgeHttp, ...settings });
  for (const route of routes) {
    await httpMachine(route.internalPort, ({ headers, url }, response) =>
      response.end(JSON.stringify({ app: route.app, port: route.port, url, headers })),
    );
    serve(route, { name: 'm-1' });
  }
  await until(async () => (await plane.load()).machines).toHaveLength(routes.length);
  const at = (host: string, headers: Record<string, string> = {}, path = '/') =>
    ask(edgeHttp, { path, headers: { host, ...headers } });
  return { edgeHttp, at, wakes, plane };
}

const heard = async (answer: Promise<{ body: string }>) => JSON.parse((await answer).body);
const nobody = { status: 404, body: 'no App is served under this host name\n' };

describe('the name that a client asks for', () => {
  it('decides which App is meant, however it is written', async () => {
    const wild = await hosted('wild', { hosts: ['*.wild.example'] });
    const { at } = await edge([await hosted('a'), await hosted('b'), wild]);
    const forms = ['a.example', 'A.Example', 'a.example:80', 'a.example:8080', 'a.example.', 'A.EXAMPLE.:80'];
    for (const form of forms) expect(await heard(at(form))).toMatchObject({ app: 'a', headers: { host: form } });
    expect(await heard(at('b.example'))).toMatchObject({ app: 'b' });
    expect(await heard(at('any.wild.example'))).toMatchObject({ app: 'wild' });
    const others = ['wild.example', 'x.y.wild.example', 'c.example', 'example', 'a.example.b', '', '[::1]:80', 'a,b'];
    for (const other of [...others, '127.0.0.1', '*.wild.example.x', 'https://a.example']) {
      expect({ other, ...(await at(other)) }).toMatchObject({ other, ...nobody });
    }
  });

  it('is one, and stands where it has to stand', async () => {
    const { edgeHttp } = await edge([await hosted('a'), await hosted('b')]);
    const sent = (line: string, ...headers: string[]) =>
      talk(edgeHttp, [line, ...headers, 'connection: close', '', ''].join('\r\n')).said;
    const ok = [
      await sent('GET http://a.example/x HTTP/1.1', 'host: a.example'),
      await sent('GET / HTTP/1.0', 'host: a.example'),
    ];
    for (const said of ok) expect(said).toMatch(/^HTTP\/1\.1 200 [\s\S]*"app":"a"/);
    for (const line of ['GET / HTTP/1.1', 'GET / HTTP/1.0']) expect(await sent(line)).toMatch(/^HTTP\/1\.1 404 /);
    expect(await sent('GET / HTTP/1.1', 'host: a.example', 'host: b.example')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await sent('GET http://b.example/ HTTP/1.1', 'host: a.example')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('may be one that an App has given up', async () => {
    const [a, b] = [await hosted('a'), await hosted('b')];
    const { at, plane } = await edge([a, b]);
    expect(await at('a.example')).toMatchObject({ status: 200 });
    await plane.setRoutes([b]);
    expect(await at('a.example')).toMatchObject(nobody);
    expect(await at('b.example')).toMatchObject({ status: 200 });
  });
});

describe('a request at the edge', () => {
  it('meets the same rules as on the port of its route', async () => {
    const http = { idleTimeout: '300ms', compress: true, responseHeaders: { 'X-A': ['1'], Server: [] } };
    const own = await hosted('a', { listenPort: await freePort(), http });
    const { edgeHttp } = await edge([own]);
    const headers = { host: 'a.example', 'fly-client-ip': '6.6.6.6', 'x-forwarded-port': '1' };
    for (const port of [edgeHttp, own.listenPort ?? 0]) {
      const answer = await ask(port, { headers });
      expect(answer.headers).toMatchObject({ 'x-a': '1', via: '1.1 airfield', 'fly-request-id': expect.any(String) });
      expect(answer.headers).not.toHaveProperty('server');
      expect(JSON.parse(answer.body).headers).toMatchObject({
        'fly-client-ip': '127.0.0.1',
        'fly-forwarded-port': '80',
        'fly-region': 'fra',
        'x-forwarded-port': '80',
        'x-forwarded-proto': 'http',
        via: '1.1 airfield',
      });
    }
  });

  it('wakes the machine of its App alone, and waits for it', async () => {
    const [a, b] = [await hosted('a'), await hosted('b')];
    const edgeHttp = await freePort();
    const { serve, wakes } = await gate([a, b], { edgeHttp });
    const answer = ask(edgeHttp, { headers: { host: 'b.example' } });
    await until(() => wakes).toEqual(['acme.b.edge-80']);
    await httpMachine(b.internalPort, (_, response) => response.end('b'));
    serve(b, { name: 'm-1' });
    expect(await answer).toMatchObject({ status: 200, body: 'b' });
  });

  it('waits as long as the longest of all routes allows', async () => {
    const slow = await hosted('slow', { http: { idleTimeout: '200ms' } });
    const edgeHttp = await freePort();
    const { serve } = await gate([slow], { edgeHttp });
    await httpMachine(slow.internalPort, () => {});
    serve(slow, { name: 'm-1' });
    expect(await ask(edgeHttp, { headers: { host: 'slow.example' } })).toMatchObject({ status: 504 });
  });

  it('is sent to https where the App has nothing else, or wants it, and wakes nobody', async () => {
    const only = await hosted('only', { port: 443, tls: {} });
    const both = [
      await hosted('both', { http: { forceHttps: true } }),
      await hosted('both', { port: 443, tls: {}, listenPort: await freePort() }),
    ];
    const odd = await hosted('odd', { port: 8080, listenPort: await freePort() });
    const edgeHttp = await freePort();
    const { wakes } = await gate([only, ...both, odd], { edgeHttp });
    const at = (host: string) => ask(edgeHttp, { path: '/x?y=z', headers: { host } });
    for (const host of ['only.example', 'both.example']) {
      expect(await at(host)).toMatchObject({ status: 301, headers: { location: `https://${host}/x?y=z` } });
    }
    expect(await at('odd.example')).toMatchObject(nobody);
    expect(wakes).toEqual([]);
  });
});

describe('behind an ingress that ends TLS', () => {
  const trusting = { trustedNetworks: ['127.0.0.0/8'] };
  const byHttps = { 'x-forwarded-proto': 'https', 'x-forwarded-port': '443', 'x-forwarded-for': '9.9.9.9' };

  it('what has come by https is served as https', async () => {
    const { at } = await edge(
      [
        await hosted('both', { http: { forceHttps: true } }),
        await hosted('both', { port: 443, tls: {} }),
        await hosted('plain', { http: { forceHttps: true } }),
      ],
      trusting,
    );
    const told = {
      'x-forwarded-proto': 'https',
      'x-forwarded-ssl': 'on',
      'x-forwarded-port': '443',
      'fly-client-ip': '9.9.9.9',
    };
    expect(await heard(at('both.example', byHttps))).toMatchObject({ app: 'both', port: 443, headers: told });
    expect(await heard(at('plain.example', byHttps))).toMatchObject({ app: 'plain', port: 80, headers: told });
    expect(await at('both.example')).toMatchObject({ status: 301 });
  });

  it('nobody else is believed', async () => {
    const { at } = await edge([await hosted('a', { http: { forceHttps: true } })], { trustedNetworks: ['10.0.0.0/8'] });
    expect(await at('a.example', byHttps)).toMatchObject({ status: 301 });
  });
});

describe('behind a load balancer that speaks the PROXY protocol', () => {
  const request = 'GET / HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n';
  const v1 = 'PROXY TCP4 9.9.9.9 8.8.8.8 1234 80\r\n';
  const v2 = Buffer.from('0d0a0d0a000d0a515549540a2111000c090909090808080804d20050', 'hex').toString('latin1');

  it.each([
    ['v1', v1],
    ['v2', v2],
  ])('the client is who it says: %s', async (_, head) => {
    const own = await hosted('a', { listenPort: await freePort() });
    const { edgeHttp } = await edge([own], { acceptProxy: ['127.0.0.0/8'] });
    for (const port of [edgeHttp, own.listenPort ?? 0]) {
      const { said } = talk(port, Buffer.from(head + request, 'latin1'));
      expect(await said).toMatch(/^HTTP\/1\.1 200 [\s\S]*"fly-client-ip":"9\.9\.9\.9"/);
      expect(await talk(port, request).said).not.toMatch(/^HTTP\/1\.1 200 /);
    }
  });

  it('nobody else is heard', async () => {
    const { edgeHttp } = await edge([await hosted('a')], { acceptProxy: ['10.0.0.0/8'] });
    expect(await talk(edgeHttp, v1 + request).said).toMatch(/^HTTP\/1\.1 400 /);
    expect(await talk(edgeHttp, request).said).toMatch(/^HTTP\/1\.1 200 [\s\S]*"fly-client-ip":"127\.0\.0\.1"/);
  });
});
