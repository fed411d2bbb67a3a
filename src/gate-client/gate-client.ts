import { Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import type * as z from 'zod';
import { type Drained, drainedSchema, gateAdminPort, type ToldRoute, toldLoadSchema } from '../api/gate.ts';

export interface GateClientOptions {
  /** What gates want to know of whoever asks for a drain. */
  readonly token: string | undefined;
  /** Default: the port that gates have. */
  readonly port?: number;
}

/** For a whole answer, in milliseconds. A gate answers to a drain when its HAProxy has been told, which may take 2 s. */
const longestMs = { load: 1000, drain: 3000 };
/** Of an answer: a route with one machine takes about 250 bytes. */
const longestBytes = 16 * 1024 * 1024;

/** Asks gates, by the addresses of their pods. Every method throws an Error with one line where there is no good answer. */
export class GateClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });
  readonly #token: string | undefined;
  readonly #port: number;

  constructor({ token, port = gateAdminPort }: GateClientOptions) {
    this.#token = token;
    this.#port = port;
  }

  async load(address: string, signal: AbortSignal): Promise<readonly ToldRoute[]> {
    const asked = { method: 'GET', path: '/load', schema: toldLoadSchema, timeoutMs: longestMs.load } as const;
    return (await this.#ask(address, asked, signal)).routes;
  }

  /** The machine gets nothing new for so many seconds; 0 takes it back. */
  drain(address: string, machine: Drain, signal: AbortSignal): Promise<Drained> {
    const { namespace, name, seconds } = machine;
    const path = `/drain/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}?seconds=${seconds}`;
    return this.#ask(address, { method: 'POST', path, schema: drainedSchema, timeoutMs: longestMs.drain }, signal);
  }

  /** Closes all connections. */
  close(): void {
    this.#agent.destroy();
  }

  async #ask<T>(address: string, { method, path, schema, timeoutMs }: Asked<T>, signal: AbortSignal): Promise<T> {
    const response = Promise.withResolvers<IncomingMessage>();
    const headers = { ...(method === 'POST' && this.#token && { authorization: `Bearer ${this.#token}` }) };
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const options = { host: address, port: this.#port, method, path, headers, agent: this.#agent, signal: bounded };
    requestHttp(options).on('response', response.resolve).on('error', response.reject).end();
    const { data, error } = schema.safeParse(JSON.parse(await textOf(await response.promise)));
    if (error) throw new Error(`it answered something else: ${error.issues[0]?.path.join('.')}`);
    return data;
  }
}

export interface Drain {
  readonly namespace: string;
  readonly name: string;
  readonly seconds: number;
}

interface Asked<T> {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly schema: z.ZodType<T>;
  readonly timeoutMs: number;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > longestBytes) throw new Error(`it answered with more than ${longestBytes} bytes`);
  }
  if (response.statusCode === 200) return Buffer.concat(chunks).toString('utf8');
  throw new Error(`it answered ${response.statusCode}`);
}
