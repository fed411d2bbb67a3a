import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { freePort } from '../cluster/free-ports.ts';
import { certificate } from './certificates.ts';
import { gate, hosted, until } from './gate.ts';
import { ask, httpMachine } from './machines.ts';
import { handshake } from './tls-clients.ts';

it('a certificate is replaced under load: nothing is lost, and long connections go on', async () => {
  const web = await hosted('a', { port: 443, tls: {} });
  const edgeHttps = await freePort();
  const [old, renewed] = [await certificate('a.example'), await certificate('a.example')];
  const { plane, serve } = await gate([web], { edgeHttps }, [old]);
  const server = await httpMachine(web.internalPort, (_, response) => response.end('ok'));
  server.on('upgrade', (_, socket) => {
    const accept = 'sec-websocket-accept: PE4lKCy6wBiYa7MVpKt1rqm6YVc=';
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n${accept}\r\n\r\n`);
    socket.on('data', (data: Buffer) => socket.write(`<${data}>`));
  });
  serve(web, { name: 'm-1' });

  const long = await upgraded(edgeHttps);
  const stream = requests(edgeHttps);
  await until(() => stream.answered).toBeGreaterThan(20);
  const loads = plane.loads;
  for (const current of [renewed, old, renewed]) {
    await plane.setRoutes([web], [current]);
    const before = stream.answered;
    expect(await fingerprint(edgeHttps)).toBe(fingerprintOf(current.cert));
    await until(() => stream.answered).toBeGreaterThan(before + 20);
  }
  // What is the same is not loaded again.
  await plane.setRoutes([web], [{ ...renewed }]);
  expect(plane.loads).toBe(loads + 3);
  expect(await stream.end()).toEqual([]);
  long.socket.write('still here');
  await until(() => long.text).toMatch(/<still here>$/);
});

async function upgraded(port: number) {
  const socket = (await handshake(port, { servername: 'a.example', ALPNProtocols: ['http/1.1'] })) as TLSSocket;
  const got = { socket, text: '' };
  socket.setEncoding('latin1').on('data', (part: string) => {
    got.text += part;
  });
  const key = 'sec-websocket-key: eHh4eHh4eHh4eHh4eHh4eA==';
  socket.write(`GET / HTTP/1.1\r\nhost: a.example\r\nconnection: upgrade\r\nupgrade: websocket\r\n${key}\r\n\r\n`);
  await until(() => got.text).toMatch(/^HTTP\/1\.1 101 /);
  return got;
}

/** Requests one after the other, each on a connection of its own. */
function requests(port: number) {
  const failures: string[] = [];
  const stream = { answered: 0, end: async () => failures };
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  const run = async () => {
    while (!isOver) {
      const asked = ask(port, { headers: { host: 'a.example' }, secure: { servername: 'a.example' } });
      const { status } = await asked.catch((error: Error) => ({ status: error.message }));
      if (status === 200) stream.answered++;
      else failures.push(`${status}`);
    }
  };
  const running = Promise.all([run(), run(), run()]);
  stream.end = async () => {
    isOver = true;
    await running;
    return failures;
  };
  return stream;
}

async function fingerprint(port: number): Promise<string | undefined> {
  const socket = (await handshake(port, { servername: 'a.example' })) as TLSSocket;
  const { fingerprint256 } = socket.getPeerX509Certificate() ?? {};
  socket.destroy();
  return fingerprint256;
}

const fingerprintOf = (cert: string) => new X509Certificate(cert).fingerprint256;
