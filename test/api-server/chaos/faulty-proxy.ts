import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What may be wrong between the operator and the API server. */
export interface Trouble {
  /** Every so many writes are in conflict. */
  readonly conflictEvery?: number;
  /** How many of 100 requests are told to come again in a second. */
  readonly busyPercent?: number;
  /** Every request waits for so long, in milliseconds. */
  readonly delayMs?: number;
  /** Connections are closed at once. */
  readonly isDown?: boolean;
  /** Watches say nothing any more, and stay open. */
  readonly isSilent?: boolean;
  /** Watches say everything twice, and now and then something old again. */
  readonly isRepeating?: boolean;
}

/** Stands between the operator and the API server, and makes trouble. */
export class FaultyProxy {
  trouble: Trouble = {};
  readonly #server: Server;
  readonly #upstream: { readonly url: URL; readonly agent: Agent };
  readonly #random: () => number;
  readonly #watches = new Set<ServerResponse>();
  #writes = 0;

  private constructor(upstream: { url: string; ca: string }, random: () => number) {
    this.#upstream = { url: new URL(upstream.url), agent: new Agent({ ca: upstream.ca, keepAlive: true }) };
    this.#random = random;
    this.#server = createServer((incoming, answer) => void this.#pass(incoming, answer));
  }

  static async start(upstream: { url: string; ca: string }, random: () => number): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(upstream, random);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends all watches, in the middle of a line. */
  cutWatches(): void {
    for (const watch of this.#watches) {
      watch.write('{"type":"MOD');
      watch.destroy();
    }
  }

  async stop(): Promise<void> {
    this.#upstream.agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = incoming;
    const { conflictEvery, busyPercent = 0, delayMs = 0, isDown } = this.trouble;
    if (isDown) return void incoming.socket.destroy();
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#random() * 2 * delayMs));
    if (this.#random() * 100 < busyPercent) return refuse(answer, 429, 'TooManyRequests');
    const isWrite = method !== 'GET' && !url.includes('/leases/');
    if (isWrite && conflictEvery && ++this.#writes % conflictEvery === 0) return refuse(answer, 409, 'Conflict');
    const { url: upstream, agent } = this.#upstream;
    const onward = request(new URL(url, upstream), { method, agent, headers: { ...headers, host: upstream.host } });
    onward.on('response', (given) => {
      answer.writeHead(given.statusCode ?? 502, given.headers);
      if (url.includes('watch=true')) this.#watch(given, answer);
      else given.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }

  #watch(given: IncomingMessage, answer: ServerResponse): void {
    this.#watches.add(answer);
    answer.on('close', () => this.#watches.delete(answer));
    const said: string[] = [];
    let rest = '';
    given.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (this.trouble.isSilent) return;
      for (const line of lines) {
        said.push(line);
        const again = this.trouble.isRepeating ? [line, said[Math.floor(this.#random() * said.length)]] : [];
        answer.write([line, ...again].map((one) => `${one}\n`).join(''));
      }
    });
    given.on('close', () => answer.end());
  }
}

function refuse(answer: ServerResponse, code: number, reason: string): void {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message: 'trouble', code };
  answer.writeHead(code, { 'content-type': 'application/json', ...(code === 429 && { 'retry-after': '1' }) });
  answer.end(JSON.stringify(status));
}
