import { beforeAll, describe, expect, it } from 'vitest';
import type { Certificate } from '../../src/gate/certificates.ts';
import { certificate, type Signed } from './certificates.ts';
import { gate, route, until } from './gate.ts';
import { ask, httpMachine, tcpMachine } from './machines.ts';
import { fromLoadBalancer, handshake, http2, namesOf, whole } from './tls-clients.ts';

let a: Certificate & Signed;
beforeAll(async () => {
  a = await certificate('a.example', 'b.example');
});

const refused = 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME';
const tls = { tls: {}, hosts: ['a.example'], port: 5432 };

describe("TLS on a route's own port", () => {
  it('ends at the gate, for http', async () => {
    const web = await route({ ...tls, port: 8443, http: { forceHttps: true } });
    const { serve } = await gate([web], {}, [a]);
    await httpMachine(web.internalPort, ({ headers }, response) => response.end(JSON.stringify(headers)));
    serve(web, { name: 'm-1' });
    const secure = { servername: 'a.example', ca: a.cert };
    const told = { 'x-forwarded-proto': 'https', 'x-forwarded-port': '8443', 'fly-client-ip': '127.0.0.1' };
    expect(JSON.parse((await ask(web.listenPort, { secure })).body)).toMatchObject(told);
    const second = await whole(http2(web.listenPort, secure).request({ ':path': '/' }));
    expect(JSON.parse(second.body)).toMatchObject({ ...told, via: '2.0 airfield' });
  });

  it('ends at the gate, for tcp in which the machine speaks first, also where it is woken', async () => {
    const store = await route({ ...tls, mode: 'tcp' });
    const { serve, wakes } = await gate([store], {}, [a]);
    const connected = handshake(store.listenPort, { servername: 'a.example', ca: a.cert, rejectUnauthorized: true });
    const socket = await connected;
    if (typeof socket === 'string') throw new Error(socket);
    let heard = '';
    socket.setEncoding('utf8').on('data', (part) => {
      heard += part;
    });
    await until(() => wakes).toHaveLength(1);
    await tcpMachine(store.internalPort, (machine) => {
      machine.write('220 hello\n');
      machine.on('data', (data) => machine.write(`got ${data}`)).on('end', () => machine.end('bye'));
    });
    serve(store, { name: 'm-1' });
    await until(() => heard).toBe('220 hello\n');
    socket.write('QUIT');
    await until(() => heard).toBe('220 hello\ngot QUIT');
    expect(socket.alpnProtocol).toBe(false);
  });

  it('knows its own hosts alone, or anybody where a certificate signed by itself will do', async () => {
    const [strict, lax] = [
      await route(tls),
      await route({ ...tls, app: 'b', hosts: ['b.example'], tls: { selfSigned: true } }),
    ];
    const bare = await route({ app: 'c', tls: { selfSigned: true } });
    await gate([strict, lax, bare], {}, [a]);
    const both = 'DNS:a.example, DNS:b.example';
    expect(await namesOf(strict.listenPort, { servername: 'a.example' })).toBe(both);
    for (const servername of ['b.example', 'x.example', '']) {
      expect(await namesOf(strict.listenPort, { servername })).toBe(refused);
    }
    expect(await namesOf(lax.listenPort, { servername: 'b.example' })).toBe(both);
    for (const [port, servername] of [
      [lax.listenPort, 'a.example'],
      [lax.listenPort, ''],
      [bare.listenPort, 'x.example'],
      [bare.listenPort, ''],
    ] as const) {
      expect(await namesOf(port, { servername })).toBe('DNS:airfield.invalid');
    }
  });

  it('offers and takes what the route says', async () => {
    const web = await route({ ...tls, mode: 'tcp', tls: { alpn: ['h2'], versions: ['TLSv1.3'] } });
    await gate([web], {}, [a]);
    const seen = async (options: object) => {
      const socket = await handshake(web.listenPort, { servername: 'a.example', ...options });
      return typeof socket === 'string' ? socket : `${socket.alpnProtocol} ${socket.getProtocol()}`;
    };
    expect(await seen({ ALPNProtocols: ['http/1.1', 'h2'] })).toBe('h2 TLSv1.3');
    expect(await seen({ maxVersion: 'TLSv1.2' })).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  });
});

describe('the PROXY protocol to a machine, with TLS in front', () => {
  const v2 = (port: number, listen: number) =>
    `${Buffer.from('0d0a0d0a000d0a515549540a2111000c09090909', 'hex').toString('latin1')}\x08\x08\x08\x08${String.fromCharCode(port >> 8, port & 255, listen >> 8, listen & 255)}`;
  const v1 = (port: number, listen: number) => `PROXY TCP4 9.9.9.9 8.8.8.8 ${port} ${listen}\r\n`;

  it.each([
    ['tcp', 'v1', v1],
    ['tcp', 'v2', v2],
    ['http', 'v1', v1],
    ['http', 'v2', v2],
  ] as const)('%s, %s: each client is who a load balancer says that it is', async (mode, proxyProtocol, head) => {
    const web = await route({ ...tls, mode, proxyProtocol });
    const { serve } = await gate([web], { acceptProxy: ['127.0.0.0/8'] }, [a]);
    const heads: string[] = [];
    await tcpMachine(web.internalPort, (socket) => {
      socket.once('data', (data) => {
        if (data.length === 0) return;
        heads.push(data.toString('latin1').slice(0, head(1111, 443).length));
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      });
    });
    serve(web, { name: 'm-1' });
    for (const port of [1111, 2222]) {
      const client = await fromLoadBalancer(web.listenPort, v1(port, 443), { servername: 'a.example', ca: a.cert });
      let heard = '';
      client.setEncoding('latin1').on('data', (part) => {
        heard += part;
      });
      client.write('GET / HTTP/1.1\r\nhost: a.example\r\n\r\n');
      await until(() => heard).toMatch(/ok$/);
    }
    const seen = heads.filter((text) => text !== '');
    expect(seen).toEqual([head(1111, 443), head(2222, 443)]);
  });
});
