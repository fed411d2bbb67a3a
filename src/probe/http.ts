import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { type RequestOptions, request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import type { Attempt, Question, Target } from './attempt.ts';
import { answered, failure, type Outcome } from './outcome.ts';

/** Bytes of an answer's body that are read, and thrown away, before the connection is closed on it. */
const bodyLimit = 64 * 1024;

/** The status code decides; the body is read a little only because some servers complain of whoever hangs up at once. */
export const askHttp: Attempt = (target, question, signal) => {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const request = send(target, question, signal);
  const progress = { isConnected: false, timeoutMs: question.timeoutMs };
  let outcome: Outcome | undefined;
  const fail = (error: unknown) => resolve(outcome ?? failure(error, progress));
  request.once('socket', (socket) =>
    socket.once('connect', () => {
      progress.isConnected = true;
    }),
  );
  request.once('response', (response) => {
    outcome = answered(response.statusCode ?? 0);
    discard(response);
  });
  request.once('upgrade', ({ statusCode = 101 }, socket) => {
    outcome = answered(statusCode);
    socket.destroy();
  });
  request.on('error', fail);
  request.once('close', () => fail({ code: 'ECONNRESET' }));
  request.end();
  return promise;
};

function send({ address, port }: Target, question: Question, signal: AbortSignal): ClientRequest {
  const { method = 'GET', path = '/', headers } = question;
  const options: RequestOptions = {
    host: address,
    port,
    method,
    path,
    headers: { 'user-agent': 'airfield-check', ...headers, connection: 'close' },
    agent: false,
    signal,
  };
  return question.protocol === 'https'
    ? requestHttps({ ...options, ...tlsOf(address, question) })
    : requestHttp(options);
}

function tlsOf(address: string, { tlsSkipVerify = false, tlsServerName }: Question): RequestOptions {
  const name = tlsServerName ?? address;
  return {
    rejectUnauthorized: !tlsSkipVerify,
    // An address cannot be asked for by SNI (RFC 6066, section 3); empty, Node does not take the Host header instead.
    servername: isIP(name) ? '' : name,
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
  };
}

function discard(response: IncomingMessage): void {
  let left = bodyLimit;
  response.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left <= 0) response.destroy();
  });
  // Whatever ends the body, the status code has been read.
  response.on('error', () => {});
}
