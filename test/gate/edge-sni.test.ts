import type { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Route } from '../../src/api/route.ts';
import type { Certificate } from '../../src/gate/certificates.ts';
import { freePort } from '../cluster/free-ports.ts';
import { certificate, type Signed } from './certificates.ts';
import { gate, hosted, until } from './gate.ts';
import { ask, httpMachine, talk, tcpMachine } from './machines.ts';
import { fromLoadBalancer, handshake, namesOf } from './tls-clients.ts';

let all: Certificate & Signed;
beforeAll(async () => {
  all = await certificate('a.example', 'web.raw.example', '*.raw.example');
});

const secure = { port: 443, tls: {} };
const refused = 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME';

/** An edge with requests for web.raw.example, and bytes for any other name of raw.example. */
async function edge(settings: object = {}) {
  const edgeHttps = await freePort();
  const web = await hosted('web', { ...secure, hosts: ['web.raw.example'] });
  const raw = await hosted('raw', { ...secure, hosts: ['*.raw.example'], mode: 'tcp', proxyProtocol: 'v1' });
  const { plane, serve, wakes } = await gate([web, raw], { edgeHttps, ...settings }, [all]);
  await httpMachine(web.internalPort, ({ headers }, response) => response.end(JSON.stringify(headers)));
  return { edgeHttps, plane, serve, wakes, web, raw };
}

const echo = ({ internalPort }: Route) =>
  tcpMachine(internalPort, (socket) => {
    socket.on('data', (data) => socket.write(`<${data}>`)).on('end', () => socket.end('bye'));
  });

describe('bytes inside of TLS, beside requests', () => {
  it('go by the name that the client asks for, with who it is', async () => {
    const { edgeHttps, serve, wakes, web, raw } = await edge();
    serve(web, { name: 'm-1' });
    const socket = (await handshake(edgeHttps, { servername: 'X.raw.example' })) as TLSSocket;
    let heard = '';
    socket.setEncoding('utf8').on('data', (part) => {
      heard += part;
    });
    await until(() => wakes).toEqual(['acme.raw.edge-443']);
    await echo(raw);
    serve(raw, { name: 'm-1' });
    const head = new RegExp(`^<PROXY TCP4 127\\.0\\.0\\.1 127\\.0\\.0\\.1 ${socket.localPort} ${edgeHttps}\\r\\n`);
    await until(() => heard).toMatch(head);
    socket.write('hi');
    await until(() => heard).toMatch(/hi>$/);
    socket.end();
    await until(() => heard).toMatch(/bye$/);

    const asked = { headers: { host: 'web.raw.example' }, secure: { servername: 'web.raw.example' } };
    const { status, body } = await ask(edgeHttps, asked);
    expect({ status, ...JSON.parse(body) }).toMatchObject({
      status: 200,
      'fly-client-ip': '127.0.0.1',
      'x-forwarded-proto': 'https',
    });
  });

  it('nobody else is served, nor what is not TLS', async () => {
    const { edgeHttps } = await edge();
    for (const servername of ['a.example', 'x.y.raw.example', '']) {
      expect(await namesOf(edgeHttps, { servername })).toBe(refused);
    }
    expect(await talk(edgeHttps, 'GET / HTTP/1.1\r\nhost: web.raw.example\r\n\r\n').said).toBe('');
  });

  it('the client is who a load balancer says', async () => {
    const { edgeHttps, serve, web, raw } = await edge({ acceptProxy: ['127.0.0.0/8'] });
    serve(web, { name: 'm-1' });
    serve(raw, { name: 'm-1' });
    await echo(raw);
    const v1 = (port: number) => `PROXY TCP4 9.9.9.9 8.8.8.8 ${port} 443\r\n`;
    const said = async (port: number, servername: string, text: string) => {
      const socket = await fromLoadBalancer(edgeHttps, v1(port), { servername });
      let heard = '';
      socket.setEncoding('utf8').on('data', (part) => {
        heard += part;
      });
      socket.write(text);
      return () => heard;
    };
    await until(await said(1111, 'x.raw.example', 'hi')).toBe(`<${v1(1111)}hi>`);
    const request = 'GET / HTTP/1.1\r\nhost: web.raw.example\r\n\r\n';
    await until(await said(2222, 'web.raw.example', request)).toContain('"fly-client-ip":"9.9.9.9"');
    expect(await namesOf(edgeHttps, { servername: 'x.raw.example' })).toMatch(/^ECONNRESET|socket/);
  });

  it('listeners come and go with such routes, and long connections stay', async () => {
    const { edgeHttps, plane, serve, web, raw } = await edge();
    serve(web, { name: 'm-1' });
    serve(raw, { name: 'm-1' });
    await echo(raw);
    const socket = (await handshake(edgeHttps, { servername: 'x.raw.example' })) as TLSSocket;
    let heard = '';
    socket.setEncoding('utf8').on('data', (part) => {
      heard += part;
    });
    await until(() => heard).toMatch(/^<PROXY/);
    const asked = { headers: { host: 'web.raw.example' }, secure: { servername: 'web.raw.example' } };
    for (const routes of [[web], [web, raw], [web]]) {
      await plane.setRoutes(routes);
      for (let index = 0; index < 5; index++) expect(await ask(edgeHttps, asked)).toMatchObject({ status: 200 });
    }
    socket.write('still');
    await until(() => heard).toMatch(/<still>$/);
  });
});
