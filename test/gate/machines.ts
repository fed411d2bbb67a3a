import {
  type Agent,
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type RequestListener,
  request,
} from 'node:http';
import { request as requestSecurely } from 'node:https';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Machines and clients on loopback. A machine has an address of its own, 127.0.0.N, as all of a route have one port. */

export const address = (index: number) => `127.0.0.${index}`;

export function httpMachine(port: number, answer: RequestListener, host = address(1)): Promise<HttpServer> {
  return listen(createHttpServer({ keepAliveTimeout: 0, maxHeaderSize: 64_000 }, answer), port, host);
}

export function tcpMachine(port: number, accept: (socket: Socket) => void, host = address(1)): Promise<Server> {
  return listen(createServer({ allowHalfOpen: true }, accept), port, host);
}

async function listen<S extends Server>(server: S, port: number, host: string): Promise<S> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string;
  readonly agent?: Agent;
  /** By https, for this host. */
  readonly secure?: Secure;
}

/** What a client of TLS knows. */
export interface Secure {
  /** Not said by SNI where it is empty. */
  readonly servername: string;
  /** Whom it believes; otherwise it takes any certificate. */
  readonly ca?: string;
}

/** One request whose headers are just these, on a connection of its own unless an agent has one. */
export function ask(
  port: number,
  { path = '/', method = 'GET', headers = {}, body, agent, secure }: Asked = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const tls = secure && { ...secure, rejectUnauthorized: secure.ca !== undefined };
  const sent = (secure ? requestSecurely : request)(
    { host: address(1), port, path, method, headers, agent: agent ?? false, maxHeaderSize: 64_000, ...tls },
    (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      response.once('error', reject);
    },
  );
  sent.once('error', reject).end(body);
  return promise;
}

/** A connection that has sent this; gives back all that came until it was closed, and how. */
export function talk(
  port: number,
  text: string | Buffer,
  { andEnd = false } = {},
): { socket: Socket; said: Promise<string> } {
  const socket = connect({ host: address(1), port, allowHalfOpen: true });
  const { promise, resolve } = Promise.withResolvers<string>();
  let said = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    said += part;
  });
  socket.once('end', () => {
    socket.destroy();
    resolve(said);
  });
  socket.once('error', (error: NodeJS.ErrnoException) => resolve(said + error.code));
  if (andEnd) socket.end(text);
  else socket.write(text);
  onTestFinished(() => {
    socket.destroy();
  });
  return { socket, said: promise };
}
