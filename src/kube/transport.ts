import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Auth } from './auth.ts';
import { type Clock, sleep } from './clock.ts';
import { errorOfAnswer, KubeError, timedOut, unreachable } from './errors.ts';
import { retryDelay } from './retry.ts';

export interface Call {
  readonly method: string;
  /** Path and query below the server's address. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  /** Form of the answer. Default: `application/json`. */
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Of a stream: time for its first byte, in milliseconds. Default: that of a whole request. */
  readonly timeoutMs?: number | undefined;
  /** For `onRequest`. */
  readonly verb: string;
  readonly resource: string;
}

export interface Observation {
  readonly method: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Plural of the resource, or the path of a raw request. */
  readonly resource: string;
  readonly verb: string;
  /** Until the whole answer was there; of a watch, until it began. */
  readonly ms: number;
}

export interface TransportOptions {
  readonly auth: Auth;
  readonly requestTimeoutMs: number;
  readonly maxSockets: number;
  readonly userAgent: string;
  readonly onRequest: (observation: Observation) => void;
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * HTTP/1.1 over kept-alive connections: at most `maxSockets` for requests, and others for watches, so that streams
 * which last minutes do not use up the pool. Every failure leaves as a KubeError.
 */
export class Transport {
  readonly #options: TransportOptions;
  readonly #pool: http.Agent;
  readonly #watches: http.Agent;

  constructor(options: TransportOptions) {
    this.#options = options;
    const { auth, maxSockets } = options;
    const Agent = auth.server.protocol === 'https:' ? https.Agent : http.Agent;
    // Idle connections are closed before a load balancer or the API server (90 s) forgets them.
    const common = { ...auth.tls, keepAlive: true, timeout: 60_000 };
    this.#pool = auth.agent ?? new Agent({ ...common, maxSockets });
    this.#watches = auth.agent ?? new Agent(common);
  }

  /** The whole answer's text; retried where that is safe, and over by the deadline. */
  async request(call: Call): Promise<string> {
    const { requestTimeoutMs, clock, random, auth } = this.#options;
    const started = clock.monotonic();
    const deadline = this.#deadline(requestTimeoutMs, call.signal);
    try {
      for (let attempt = 1; ; attempt++) {
        const answer = await this.#observed(call, () => this.#exchange(call, deadline.signal));
        if (!(answer instanceof KubeError)) return answer.text;
        call.signal?.throwIfAborted();
        if (deadline.signal.aborted) throw timedOut(auth.server, requestTimeoutMs);
        const wait = retryDelay(answer, { method: call.method, attempt, random });
        if (wait === undefined || clock.monotonic() - started + wait > requestTimeoutMs) throw answer;
        await sleep(clock, wait, deadline.signal);
      }
    } finally {
      deadline.clear();
    }
  }

  /** The open answer to a watch; the deadline is for its first byte only. */
  async open(call: Call): Promise<IncomingMessage> {
    const { auth } = this.#options;
    const { timeoutMs = this.#options.requestTimeoutMs } = call;
    const deadline = this.#deadline(timeoutMs, call.signal);
    try {
      const answer = await this.#observed(call, async () => {
        const response = await this.#authorized(call, this.#watches, deadline.signal);
        if (response.statusCode !== 200) throw await failure(response);
        return { status: 200, response };
      });
      if (!(answer instanceof KubeError)) return answer.response;
      call.signal?.throwIfAborted();
      throw deadline.signal.aborted ? timedOut(auth.server, timeoutMs) : answer;
    } finally {
      deadline.clear();
    }
  }

  /** Closes idle and busy connections. */
  close(): void {
    this.#pool.destroy();
    this.#watches.destroy();
  }

  async #exchange(call: Call, signal: AbortSignal): Promise<{ status: number; text: string }> {
    const response = await this.#authorized(call, this.#pool, signal);
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) throw await failure(response);
    return { status, text: await textOf(response) };
  }

  /** Credentials may have rotated since they were read: a 401 is tried once more with new ones. */
  async #authorized(call: Call, agent: http.Agent, signal: AbortSignal): Promise<IncomingMessage> {
    const { auth } = this.#options;
    const headers = await auth.headers();
    const response = await this.#send(call, headers, agent, signal);
    if (response.statusCode !== 401) return response;
    const error = await failure(response);
    const fresh = await auth.headers(headers.authorization ?? '');
    if (fresh.authorization === headers.authorization) throw error;
    return this.#send(call, fresh, agent, signal);
  }

  #send(call: Call, credentials: object, agent: http.Agent, signal: AbortSignal): Promise<IncomingMessage> {
    const { auth, userAgent } = this.#options;
    const payload = call.body === undefined ? undefined : Buffer.from(jsonForYaml(call.body));
    const content = payload && {
      'content-type': call.contentType ?? 'application/json',
      'content-length': payload.length,
    };
    const url = new URL(auth.server.href.replace(/\/$/, '') + call.path);
    const { accept = 'application/json' } = call;
    const headers = { accept, 'user-agent': userAgent, ...credentials, ...content };
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'https:' ? https.request : http.request;
      const request: ClientRequest = send(url, { method: call.method, headers, agent, signal });
      request.on('response', resolve).on('error', reject);
      // A peer that vanished without a word is noticed within about 40 s.
      request.on('socket', (socket) => socket.setKeepAlive(true, 30_000));
      request.end(payload);
    });
  }

  async #observed<T extends { status: number }>(call: Call, run: () => Promise<T>): Promise<T | KubeError> {
    const { clock, onRequest, auth } = this.#options;
    const started = clock.monotonic();
    const { method, resource, verb } = call;
    const observe = (status: number) => onRequest({ method, status, resource, verb, ms: clock.monotonic() - started });
    try {
      const answer = await run();
      observe(answer.status);
      return answer;
    } catch (cause) {
      const error = unreachable(auth.server, cause);
      observe(error.status);
      return error;
    }
  }

  #deadline(ms: number, parent: AbortSignal | undefined): { signal: AbortSignal; clear: () => void } {
    const controller = new AbortController();
    const clear = this.#options.clock.after(ms, () => controller.abort());
    return { signal: parent ? AbortSignal.any([parent, controller.signal]) : controller.signal, clear };
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function failure(response: IncomingMessage): Promise<KubeError> {
  return errorOfAnswer(response.statusCode ?? 0, await textOf(response), response.headers['retry-after']);
}

/**
 * JSON that is YAML too. Server-side apply has its body read as YAML, which takes some characters for ends of lines and
 * refuses others, even inside quotes. https://yaml.org/spec/1.2.2/#51-character-set
 */
function jsonForYaml(body: unknown): string {
  return JSON.stringify(body).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
