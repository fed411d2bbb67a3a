import type { IncomingMessage } from 'node:http';
import { type Auth, authOf, type KubeConfigSource, loadKubeConfig } from './auth.ts';
import { type Clock, systemClock } from './clock.ts';
import { unreachable } from './errors.ts';
import type {
  Addressed,
  ApplyOptions,
  DeleteOptions,
  List,
  ListOptions,
  Version,
  WatchOptions,
  WriteOptions,
} from './options.ts';
import { type ObjectRef, pathOf, type Resource } from './resources.ts';
import { type Observation, Transport } from './transport.ts';
import { eventsOf, type WatchEvent } from './watch-stream.ts';

export type * from './options.ts';
export type { Observation } from './transport.ts';
export type { WatchEvent } from './watch-stream.ts';

export interface ClientOptions {
  readonly auth: Auth;
  /** For a whole request with its retries, in milliseconds. Default: 30,000. */
  readonly requestTimeoutMs?: number;
  /** Most connections for requests; watches have their own, one each. Default: 32. */
  readonly maxSockets?: number;
  readonly userAgent?: string;
  /** Called once per request sent, retries included, for metrics. */
  readonly onRequest?: (observation: Observation) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/**
 * Kubernetes' REST API. Objects travel as plain JSON and are not checked here. Every method throws a KubeError, or the
 * signal's reason when it was aborted. There is no rate limit on this side: the API server has its own, and its answer
 * 429 is waited out.
 */
export class Client {
  /** The namespace of the kubeconfig's context, for commands that name none. */
  readonly namespace: string;
  readonly server: URL;
  readonly #transport: Transport;
  readonly #clock: Clock;

  constructor({ auth, clock = systemClock, ...rest }: ClientOptions) {
    this.namespace = auth.namespace;
    this.server = auth.server;
    this.#clock = clock;
    this.#transport = new Transport({
      auth,
      clock,
      requestTimeoutMs: rest.requestTimeoutMs ?? 30_000,
      maxSockets: rest.maxSockets ?? 32,
      userAgent: rest.userAgent ?? 'airfield',
      onRequest: rest.onRequest ?? (() => {}),
      random: rest.random ?? Math.random,
    });
  }

  get<T>(resource: Resource, ref: ObjectRef, options: { subresource?: string; signal?: AbortSignal } = {}): Promise<T> {
    return this.#json({ verb: 'get', method: 'GET', resource, ref, ...options });
  }

  /** One page, or everything where no `limit` is given. Items have their `apiVersion` and `kind`. */
  async list<T>(resource: Resource, options: ListOptions = {}): Promise<List<T>> {
    const { namespace, signal, metadataOnly, ...query } = options;
    const list = await this.#json<List<T>>({
      verb: 'list',
      method: 'GET',
      resource,
      ref: { namespace },
      query,
      signal,
      accept: metadataOnly ? metadataOf('PartialObjectMetadataList') : undefined,
    });
    // The API server leaves both out of a list's items: kubernetes/kubernetes#3030.
    const { apiVersion, kind } = resource;
    const items = (list.items ?? []).map((item) =>
      metadataOnly ? { ...item, apiVersion, kind } : { apiVersion, kind, ...item },
    );
    return { ...list, items };
  }

  /**
   * Changes after `resourceVersion`. Ends when the server closes the watch or the signal aborts; throws a KubeError for
   * everything else, an ERROR event included. Leaving the loop closes the connection.
   */
  async *watch<T>(resource: Resource, options: WatchOptions = {}): AsyncGenerator<WatchEvent<T>> {
    const { namespace, signal, idleTimeoutMs = 300_000, onBytes, allowBookmarks, metadataOnly, ...query } = options;
    const path = pathOf(resource, { namespace });
    const search = queryOf({ ...query, watch: true, allowWatchBookmarks: allowBookmarks });
    try {
      const accept = metadataOnly ? metadataOf('PartialObjectMetadata') : undefined;
      const call = { verb: 'watch', method: 'GET', path: path + search, resource: resource.plural, accept, signal };
      const response = await this.#transport.open(call);
      onBytes?.();
      yield* eventsOf<T>(response, { clock: this.#clock, idleTimeoutMs, onBytes });
    } catch (error) {
      if (!signal?.aborted) throw unreachable(this.server, error);
    }
  }

  /** A name that is taken is `AlreadyExists`; `metadata.generateName` may stand for a name. */
  create<T extends Addressed>(resource: Resource, object: T, options: WriteOptions = {}): Promise<T> {
    const ref = { namespace: object.metadata.namespace };
    return this.#write(resource, ref, { verb: 'create', method: 'POST', body: object, ...options });
  }

  /** Compare-and-swap where the object carries a `resourceVersion`. */
  replace<T extends Addressed>(resource: Resource, object: T, options: WriteOptions = {}): Promise<T> {
    return this.#write(resource, object.metadata, { verb: 'update', method: 'PUT', body: object, ...options });
  }

  /** Server-side apply; a field that the kind does not have is an error. */
  apply<T extends Addressed>(resource: Resource, object: T, { force, ...options }: ApplyOptions): Promise<T> {
    return this.#write(resource, object.metadata, {
      verb: 'apply',
      method: 'PATCH',
      contentType: 'application/apply-patch+yaml',
      body: object,
      query: { force, fieldValidation: 'Strict' },
      ...options,
    });
  }

  mergePatch<T>(resource: Resource, ref: ObjectRef, patch: object, options: WriteOptions = {}): Promise<T> {
    const contentType = 'application/merge-patch+json';
    return this.#write(resource, ref, { verb: 'patch', method: 'PATCH', contentType, body: patch, ...options });
  }

  async delete(resource: Resource, ref: ObjectRef, options: DeleteOptions = {}): Promise<void> {
    const { propagationPolicy, uid, resourceVersion, signal } = options;
    const preconditions = uid || resourceVersion ? { uid, resourceVersion } : undefined;
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy, preconditions };
    await this.#json({ verb: 'delete', method: 'DELETE', resource, ref, body, signal });
  }

  version(): Promise<Version> {
    return this.raw('GET', '/version');
  }

  /** For what has no method, such as a pod's log: the answer's JSON, or its text where it is none. */
  async raw<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const resource = path.split('?')[0]!;
    const text = await this.#transport.request({ verb: 'raw', method, path, body, contentType, resource });
    try {
      return JSON.parse(text);
    } catch {
      return text as T;
    }
  }

  /** An answer that goes on, such as a log that is followed. */
  stream(
    path: string,
    { signal, timeoutMs }: { signal?: AbortSignal; timeoutMs?: number } = {},
  ): Promise<IncomingMessage> {
    const resource = path.split('?')[0]!;
    return this.#transport.open({ verb: 'stream', method: 'GET', path, resource, accept: '*/*', signal, timeoutMs });
  }

  /** Closes all connections; for programs that end. */
  close(): void {
    this.#transport.close();
  }

  #write<T>(resource: Resource, ref: Partial<ObjectRef>, { query, dryRun, fieldManager, ...rest }: Write): Promise<T> {
    const all = { ...query, fieldManager, dryRun: dryRun ? 'All' : undefined };
    return this.#json({ ...rest, resource, ref, query: all });
  }

  async #json<T>({ resource, ref, subresource, query = {}, ...call }: JsonCall): Promise<T> {
    const path = pathOf(resource, partial(ref)) + (subresource ? `/${subresource}` : '') + queryOf(query);
    const name = subresource ? `${resource.plural}/${subresource}` : resource.plural;
    return JSON.parse(await this.#transport.request({ ...call, path, resource: name }));
  }
}

/** A Client from a kubeconfig file, or from wherever kubectl would find one, or from the pod's service account. */
export async function connect({ kubeConfigPath, context, ...options }: ConnectOptions = {}): Promise<Client> {
  const source: KubeConfigSource = { path: kubeConfigPath, context };
  return new Client({ ...options, auth: await authOf(() => loadKubeConfig(source), options.clock) });
}

export interface ConnectOptions extends Omit<ClientOptions, 'auth'> {
  readonly kubeConfigPath?: string | undefined;
  readonly context?: string | undefined;
}

type Query = Record<string, string | number | boolean | undefined>;

interface Write extends WriteOptions {
  readonly verb: string;
  readonly method: string;
  readonly body: unknown;
  readonly contentType?: string;
  readonly accept?: string | undefined;
  readonly query?: Query;
}

interface JsonCall extends Omit<Write, 'body' | 'query'> {
  readonly resource: Resource;
  readonly ref: Partial<ObjectRef>;
  readonly body?: unknown;
  readonly query?: object;
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
const metadataOf = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1`;

const partial = ({ namespace, name }: Partial<ObjectRef>) => ({ namespace, ...(name ? { name } : {}) });

function queryOf(query: object): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(entries.map(([key, value]): [string, string] => [key, String(value)]));
  return search.size > 0 ? `?${search}` : '';
}
