import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { Question, Target } from '../../src/probe/attempt.ts';
import { probe } from '../../src/probe/probe.ts';
import { closedPort, httpServer, httpsServer, tcpServer } from './servers.ts';

const never = new AbortController().signal;
const tcp = (target: Target, timeoutMs = 10_000) => probe(target, { type: 'tcp', timeoutMs }, never);
const http = (target: Target, question: Partial<Question> = {}) =>
  probe(target, { type: 'http', timeoutMs: 10_000, ...question }, never);

describe('a tcp probe', () => {
  it('passes where the port accepts connections', async () => {
    expect(await tcp(await tcpServer())).toEqual({ passing: true, output: 'connected' });
  });

  it('fails where nobody listens', async () => {
    expect(await tcp(await closedPort())).toEqual({ passing: false, output: 'connection refused' });
  });

  it('says that a machine cannot be reached where no connection comes about', async () => {
    const signal = AbortSignal.abort();
    const outcome = await probe(await tcpServer(), { type: 'tcp', timeoutMs: 3000 }, signal);
    expect(outcome).toEqual({
      passing: false,
      output: 'cannot be reached from the operator: no connection within 3s',
    });
  });
});

describe('an http probe', () => {
  it.each([200, 204, 299])('passes with %i', async (status) => {
    const outcome = await http(await httpServer((_, response) => response.writeHead(status).end()));
    expect(outcome).toMatchObject({ passing: true });
  });

  it.each([
    [301, '301 Moved Permanently'],
    [404, '404 Not Found'],
    [503, '503 Service Unavailable'],
    [599, '599'],
  ])('fails with %i', async (status, output) => {
    const server = await httpServer((_, response) => response.writeHead(status, { location: '/else' }).end());
    expect(await http(server)).toEqual({ passing: false, output });
  });

  it('follows no redirect', async () => {
    const asked: (string | undefined)[] = [];
    const server = await httpServer(({ url }, response) => {
      asked.push(url);
      response.writeHead(url === '/' ? 302 : 200, { location: '/else' }).end();
    });
    expect(await http(server)).toMatchObject({ passing: false, output: '302 Found' });
    expect(asked).toEqual(['/']);
  });

  it('asks with the method, path and headers of the check', async () => {
    const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
    const server = await httpServer((request, response) => {
      resolve(request);
      response.end();
    });
    await http(server, { method: 'HEAD', path: '/up?deep=1', headers: { Host: 'hello.example', 'X-Token': 'abc' } });
    const { method, url, headers } = await promise;
    expect({ method, url }).toEqual({ method: 'HEAD', url: '/up?deep=1' });
    expect(headers).toMatchObject({ host: 'hello.example', 'x-token': 'abc', 'user-agent': 'airfield-check' });
  });

  it('reads no more of an answer than a little, and says nothing of what is in it', async () => {
    const server = await httpServer((_, response) => {
      const write = () => {
        while (!response.destroyed && response.write('secret '.repeat(1000)));
      };
      response
        .writeHead(500, 'secret', { 'x-secret': 'secret' })
        .on('drain', write)
        .on('error', () => {});
      write();
    });
    expect(await http(server)).toEqual({ passing: false, output: '500 Internal Server Error' });
  });

  it('goes by the status where the answer has no end', async () => {
    const server = await httpServer((_, response) => response.writeHead(200).write('…'));
    expect(await http(server, { timeoutMs: 500 })).toEqual({ passing: true, output: '200 OK' });
  });

  it('fails where no answer comes in time', async () => {
    expect(await http(await tcpServer(), { timeoutMs: 500 })).toEqual({
      passing: false,
      output: 'no answer within 0.5s',
    });
  });

  it('fails where the connection is closed without an answer', async () => {
    const server = await tcpServer((socket) => socket.destroy());
    expect(await http(server)).toEqual({ passing: false, output: 'connection closed without an answer' });
  });

  it('fails where something else than HTTP answers', async () => {
    const server = await tcpServer((socket) => socket.end('220 secret.example ESMTP\r\n'));
    expect(await http(server)).toEqual({ passing: false, output: 'the answer is not HTTP' });
  });

  it('fails where the protocol is changed', async () => {
    const server = await tcpServer((socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    );
    expect(await http(server)).toEqual({ passing: false, output: '101 Switching Protocols' });
  });

  it.each<[string, Partial<Question>]>([
    ['a header', { headers: { 'X-Token': 'line\nline' } }],
    ['the name of a header', { headers: { 'X Token': 'a' } }],
    ['the path', { path: '/a b' }],
  ])('fails, without a secret, where %s cannot be sent', async (_, question) => {
    expect(await http(await closedPort(), question)).toEqual({
      passing: false,
      output: 'cannot be asked: the path or a header has a character that HTTP does not allow',
    });
  });

  it('ends when it is told to', async () => {
    const stopped = new AbortController();
    const server = await httpServer(() => stopped.abort());
    const outcome = await probe(server, { type: 'http', timeoutMs: 10_000 }, stopped.signal);
    expect(outcome).toMatchObject({ passing: false });
  });
});

describe('an https probe', () => {
  const ok = () => httpsServer((_, response) => response.end());

  it('refuses a certificate that nobody it knows has signed', async () => {
    const outcome = await http(await ok(), { protocol: 'https', tlsServerName: 'inside.example' });
    expect(outcome).toEqual({ passing: false, output: 'certificate refused: DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it('takes any certificate where it is told so', async () => {
    expect(await http(await ok(), { protocol: 'https', tlsSkipVerify: true })).toMatchObject({ passing: true });
  });

  it.each([
    ['hello.example', 'hello.example'],
    ['10.0.0.1', false],
  ])('asks for the server name %s as %s', async (tlsServerName, expected) => {
    let asked: unknown;
    const server = await httpsServer(({ socket }, response) => {
      asked = (socket as TLSSocket & { servername: unknown }).servername;
      response.end();
    });
    await http(server, { protocol: 'https', tlsSkipVerify: true, tlsServerName, headers: { host: 'other.example' } });
    expect(asked).toBe(expected);
  });

  it('fails where no TLS is spoken', async () => {
    const server = await httpServer((_, response) => response.end());
    const { passing, output } = await http(server, { protocol: 'https' });
    expect(passing).toBe(false);
    expect(output).toMatch(/^no TLS connection: /);
  });
});
