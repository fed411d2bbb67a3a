import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Target } from '../../src/probe/attempt.ts';
import { run } from '../cluster/exec.ts';

/** Servers on loopback that are gone when their test is over. */

export const httpServer = (answer: RequestListener) => listening(createHttpServer(answer));

export async function httpsServer(answer: RequestListener): Promise<Target> {
  return listening(createHttpsServer(await certificate(), answer));
}

/** Takes connections, and does with them what it is told; by default nothing at all. */
export const tcpServer = (accept: (socket: Socket) => void = () => {}) => listening(createServer(accept));

/** A port where nobody listens. */
export async function closedPort(): Promise<Target> {
  const server = createServer();
  const target = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return target;
}

async function listening(server: Server): Promise<Target> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  const target = await listen(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return target;
}

function listen(server: Server): Promise<Target> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve({ address: '127.0.0.1', port: (server.address() as AddressInfo).port }),
    );
  });
}

/** Signed by itself, for `inside.example`. Node makes keys, but no certificates. */
async function certificate(): Promise<{ key: string; cert: string }> {
  const subject = ['-subj', '/CN=inside.example', '-addext', 'subjectAltName=DNS:inside.example'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const both = await run('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', '-', '-out', '-']);
  const at = both.indexOf('-----BEGIN CERTIFICATE-----');
  return { key: both.slice(0, at), cert: both.slice(at) };
}
