import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Auth } from '../../src/kube/auth.ts';
import { Client, type ClientOptions } from '../../src/kube/client.ts';
import { type Key, type KubeObject, keyOf } from '../../src/kube/types.ts';

export interface Thing extends KubeObject {
  data?: Record<string, string>;
  metadata: KubeObject['metadata'] & { managedFields?: unknown };
}

interface Entry {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Thing;
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers a request instead of the server; `true` when it did. */
export type Script = (seen: Seen, response: ServerResponse) => boolean | Promise<boolean>;

/**
 * A small API server for one kind at a time: lists in pages, watches with a history that can be forgotten, writes with
 * compare-and-swap. It exists to misbehave on command, which a real one does not; what a real one does is tested in
 * test/api-server.
 */
export class FakeApi extends EventEmitter<{ watch: []; request: [Seen] }> {
  readonly objects = new Map<Key, Thing>();
  readonly requests: Seen[] = [];
  readonly watches = new Set<Watch>();
  /** Connections accepted so far. */
  connections = 0;
  /** Run before the server's own answer, newest first; each is asked until it answers. */
  readonly scripts: Script[] = [];
  /** How a version that is forgotten is told: as HTTP status 410, or within the stream. */
  gone: 'status' | 'event' = 'status';
  /** How many events from before its resourceVersion the next watch repeats. */
  repeat = 0;
  /** Turns a line of a watch into the chunks that are written. */
  chunks: (line: Buffer) => Buffer[] = (line) => [line];
  version = 100;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #history: Entry[] = [];
  #forgotten = 0;
  #snapshots = new Map<string, Thing[]>();

  private constructor() {
    super();
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('connection', (socket: Socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {});
    });
  }

  static async start(): Promise<FakeApi> {
    const api = new FakeApi();
    api.#server.listen(0, '127.0.0.1');
    await once(api.#server, 'listening');
    return api;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  client(options: Partial<ClientOptions> = {}): Client {
    return new Client({ auth: anonymous(this.url), ...options });
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  /** Answers the next request that `when` accepts with this status, once. */
  fail(status: number, { when = () => true, headers = {}, times = 1, body = statusBody(status) }: Failure = {}): void {
    let left = times;
    this.scripts.push((seen, response) => {
      if (left === 0 || !when(seen)) return false;
      left--;
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
      return true;
    });
  }

  put(object: Thing): Thing {
    const key = keyOf(object.metadata);
    const before = this.objects.get(key);
    const metadata = { ...object.metadata, uid: before?.metadata.uid ?? `uid-${this.version}` };
    const stored: Thing = { ...object, metadata: { ...metadata, resourceVersion: String(++this.version) } };
    this.objects.set(key, stored);
    this.#tell({ version: this.version, type: before ? 'MODIFIED' : 'ADDED', object: stored });
    return stored;
  }

  remove(key: Key): void {
    const before = this.objects.get(key);
    if (!before) return;
    this.objects.delete(key);
    const object = { ...before, metadata: { ...before.metadata, resourceVersion: String(++this.version) } };
    this.#tell({ version: this.version, type: 'DELETED', object });
  }

  /** Forgets the history, as etcd does when it is compacted: older versions and pages are gone. */
  compact(): void {
    this.#history = [];
    this.#forgotten = this.version;
    this.#snapshots.clear();
  }

  bookmark(): void {
    const object = { metadata: { resourceVersion: String(this.version) } };
    for (const watch of this.watches) watch.send({ type: 'BOOKMARK', object });
  }

  #tell(entry: Entry): void {
    this.#history.push(entry);
    for (const watch of this.watches) watch.send(entry);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const url = new URL(request.url ?? '/', this.url);
    const body = Buffer.concat(chunks).toString('utf8');
    const { method = 'GET', headers } = request;
    const seen = { method, path: url.pathname, query: url.searchParams, headers, body };
    this.requests.push(seen);
    this.emit('request', seen);
    for (const script of [...this.scripts].reverse()) if (await script(seen, response)) return;
    if (seen.query.get('watch')) this.#watch(seen, response);
    else this.#answer(seen, response);
  }

  #answer(seen: Seen, response: ServerResponse): void {
    const { namespace, name } = place(seen.path);
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (seen.method === 'GET' && !name) return void this.#list(seen, send);
    const given = seen.body ? (JSON.parse(seen.body) as Thing) : undefined;
    const key = keyOf({ namespace, name: name || (given?.metadata?.name ?? '') });
    const current = this.objects.get(key);
    if (seen.method === 'POST') {
      return void (current ? send(409, status(409, 'AlreadyExists')) : send(201, this.put(given!)));
    }
    const isApply = seen.headers['content-type']?.includes('apply-patch');
    if (!current && !isApply) return void send(404, status(404, 'NotFound'));
    const version = given?.metadata?.resourceVersion;
    if (version && version !== current?.metadata.resourceVersion) return void send(409, status(409, 'Conflict'));
    if (seen.method === 'DELETE') this.remove(key);
    if (seen.method === 'PATCH')
      return void send(
        200,
        this.put({
          ...current,
          ...given!,
          metadata: { ...current?.metadata, ...given!.metadata, namespace, name } as Thing['metadata'],
        }),
      );
    return void send(200, seen.method === 'PUT' ? this.put(given!) : (current ?? {}));
  }

  #list({ query }: Seen, send: (status: number, body: unknown) => void): void {
    const limit = Number(query.get('limit') ?? 0) || Number.POSITIVE_INFINITY;
    const [version = String(this.version), from = '0'] = query.get('continue')?.split(':') ?? [];
    const isFirst = !query.get('continue');
    if (isFirst) this.#snapshots.set(version, [...this.objects.values()]);
    const all = this.#snapshots.get(version);
    if (!all) {
      send(410, status(410, 'Expired'));
      return;
    }
    const end = Number(from) + limit;
    const items = all.slice(Number(from), end).map(({ apiVersion: _a, kind: _k, ...item }) => item);
    const next = end < all.length ? { continue: `${version}:${end}` } : {};
    send(200, { kind: 'List', metadata: { resourceVersion: version, ...next }, items });
  }

  #watch({ query }: Seen, response: ServerResponse): void {
    const from = Number(query.get('resourceVersion'));
    const isGone = from < this.#forgotten;
    if (isGone && this.gone === 'status') {
      response.writeHead(410, { 'content-type': 'application/json' }).end(statusBody(410));
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    const watch = new Watch(response, (line) => this.chunks(line));
    if (isGone) {
      watch.send({ type: 'ERROR', object: status(410, 'Expired') });
      watch.end();
      return;
    }
    this.watches.add(watch);
    response.on('close', () => this.watches.delete(watch));
    const missed = this.#history.filter(({ version }) => version > from);
    const again = this.repeat > 0 ? this.#history.filter(({ version }) => version <= from).slice(-this.repeat) : [];
    this.repeat = 0;
    for (const entry of [...again, ...missed]) watch.send(entry);
    this.emit('watch');
  }
}

/** One open watch; mute it and the connection stays, silently. */
export class Watch {
  muted = false;
  readonly #response: ServerResponse;
  readonly #chunks: (line: Buffer) => Buffer[];
  readonly #queue: Buffer[] = [];
  #ends = false;

  constructor(response: ServerResponse, chunks: (line: Buffer) => Buffer[]) {
    this.#response = response;
    this.#chunks = chunks;
  }

  send({ type, object }: { type: string; object: unknown }): void {
    if (this.muted) return;
    const isIdle = this.#queue.length === 0;
    this.#queue.push(...this.#chunks(Buffer.from(`${JSON.stringify({ type, object })}\n`)));
    if (isIdle) this.#pump();
  }

  /** Ends after what was sent. */
  end(): void {
    this.muted = true;
    this.#ends = true;
    if (this.#queue.length === 0) this.#response.end();
  }

  /** Breaks the connection, in the middle of a line if there is one. */
  reset(line?: object): void {
    this.muted = true;
    const text = Buffer.from(line ? JSON.stringify(line) : '');
    if (text.length > 0) this.#response.write(text.subarray(0, Math.ceil(text.length / 2)));
    setImmediate(() => this.#response.socket?.resetAndDestroy());
  }

  /** One chunk per turn of the event loop, so that the reader gets them one by one. */
  #pump(): void {
    if (this.#response.destroyed) return;
    this.#response.write(this.#queue[0]!);
    setImmediate(() => {
      this.#queue.shift();
      if (this.#queue.length > 0) this.#pump();
      else if (this.#ends) this.#response.end();
    });
  }
}

interface Failure {
  when?: (seen: Seen) => boolean;
  headers?: Record<string, string>;
  times?: number;
  body?: string;
}

export const anonymous = (server: URL): Auth => ({
  server,
  tls: {},
  agent: undefined,
  namespace: 'default',
  headers: () => Promise.resolve({}),
});

export const status = (code: number, reason: string, message = `${reason} on command`) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  reason,
  message,
});

const names: Record<number, string> = { 401: 'Unauthorized', 403: 'Forbidden', 410: 'Expired', 429: 'TooManyRequests' };
const statusBody = (code: number) => JSON.stringify(status(code, names[code] ?? 'InternalError'));

/** `/apis/g/v/namespaces/ns/plural/name` */
function place(path: string): { namespace: string; name: string } {
  const parts = path.split('/').slice(path.startsWith('/apis/') ? 4 : 3);
  const namespace = parts[0] === 'namespaces' && parts.length > 2 ? decodeURIComponent(parts[1]!) : '';
  return { namespace, name: decodeURIComponent((namespace ? parts[3] : parts[1]) ?? '') };
}
