import https from 'node:https';
import { type Auth, authOf, loadKubeConfig } from '../../../src/kube/auth.ts';
import { pathOf, type Resource } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';

interface Applied {
  readonly subresource?: string;
  readonly fieldManager?: string | undefined;
}

/** Requests and nothing around them: no retries, no deadline, no metrics. Throws for every answer that is not 2xx. */
export class BareClient {
  readonly #auth: Auth;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agent: https.Agent;

  private constructor(auth: Auth, headers: Readonly<Record<string, string>>, sockets: number) {
    this.#auth = auth;
    this.#headers = { ...headers, accept: 'application/json', 'user-agent': 'airfield-bench' };
    this.#agent = new https.Agent({ ...auth.tls, keepAlive: true, maxSockets: sockets });
  }

  static async connect(kubeconfig: string, sockets: number): Promise<BareClient> {
    const auth = await authOf(() => loadKubeConfig({ path: kubeconfig }));
    return new BareClient(auth, await auth.headers(), sockets);
  }

  create<T extends KubeObject>(resource: Resource, object: T): Promise<T> {
    const { namespace } = object.metadata;
    return this.json('POST', pathOf(resource, { namespace }), JSON.stringify(object), 'application/json');
  }

  apply<T extends KubeObject>(resource: Resource, object: T, options: Applied = {}): Promise<T> {
    const { subresource = '', fieldManager = 'bench' } = options;
    const path = `${pathOf(resource, object.metadata)}${subresource}?fieldManager=${fieldManager}&force=true`;
    return this.json('PATCH', path, JSON.stringify(object), 'application/apply-patch+yaml');
  }

  mergePatch(path: string, patch: object): Promise<unknown> {
    return this.json('PATCH', path, JSON.stringify(patch), 'application/merge-patch+json');
  }

  async json<T>(method: string, path: string, body?: string, type = ''): Promise<T> {
    return JSON.parse(await this.text(method, path, body, type)) as T;
  }

  async text(method: string, path: string, body?: string, type = ''): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of await this.open(method, path, body, type)) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }

  /** The answer as it comes. */
  async open(method: string, path: string, body?: string, type = '') {
    const content = body !== undefined && { 'content-type': type, 'content-length': Buffer.byteLength(body) };
    const headers = { ...this.#headers, ...content };
    const { promise, resolve, reject } = Promise.withResolvers<import('node:http').IncomingMessage>();
    const request = https.request(new URL(path, this.#auth.server), { method, headers, agent: this.#agent }, resolve);
    request.on('error', reject).end(body);
    const response = await promise;
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode <= 299) return response;
    throw new Error(`${method} ${path}: ${statusCode} ${Buffer.concat(await response.toArray()).toString()}`);
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Runs a task for each of all, so many of them at once. */
export async function inParallel<T>(
  all: Iterable<T>,
  count: number,
  task: (one: T) => Promise<unknown>,
): Promise<void> {
  const rest = all[Symbol.iterator]();
  const worker = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) await task(next.value);
  };
  await Promise.all(Array.from({ length: count }, worker));
}
