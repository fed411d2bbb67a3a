import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect as connectPlainly } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { address } from './machines.ts';

/** A TLS connection, or in one word why there is none. Any certificate will do. */
export function handshake(port: number, options: ConnectionOptions): Promise<TLSSocket | string> {
  const { promise, resolve } = Promise.withResolvers<TLSSocket | string>();
  const socket = connect({ host: address(1), port, rejectUnauthorized: false, ...options });
  socket.once('secureConnect', () => resolve(socket));
  socket.once('error', ({ code, message }: NodeJS.ErrnoException) => resolve(code ?? message));
  onTestFinished(() => void socket.destroy());
  return promise;
}

/** A TLS connection in which a load balancer has said something before. */
export async function fromLoadBalancer(port: number, header: string, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connectPlainly(port, address(1));
  socket.write(header);
  const secured = await handshake(port, { socket, ...options });
  if (typeof secured === 'string') throw new Error(secured);
  return secured;
}

/** The names that the certificate is for which a client gets; otherwise why it gets none. */
export async function namesOf(port: number, options: ConnectionOptions): Promise<string> {
  const socket = await handshake(port, options);
  return typeof socket === 'string' ? socket : (socket.getPeerX509Certificate()?.subjectAltName ?? '');
}

/** A connection of HTTP/2 on TLS. */
export function http2(port: number, options: { ca: string; servername: string }): ClientHttp2Session {
  const session = connectHttp2(`https://${options.servername}`, {
    createConnection: () => connect({ host: address(1), port, ALPNProtocols: ['h2'], ...options }),
  });
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  return session;
}

/** Status, trailers and all of the body. */
export async function whole(stream: ClientHttp2Stream): Promise<{ status: number; trailers: object; body: string }> {
  const got = { status: 0, trailers: {}, body: '' };
  stream.once('response', (headers) => {
    got.status = Number(headers[':status']);
  });
  stream.once('trailers', (headers) => {
    got.trailers = headers;
  });
  for await (const part of stream) got.body += part;
  return got;
}
