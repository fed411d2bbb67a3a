import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client, type Observation } from '../../src/kube/client.ts';
import { isConflict, isNotFound, isUnreachable, KubeError } from '../../src/kube/errors.ts';
import { configMaps, deployments, nodes } from '../../src/kube/resources.ts';
import { anonymous, FakeApi, type Thing } from './fake-api.ts';
import { fastClock, until } from './time.ts';

const clock = fastClock(1000);
const thing = (name: string, data: Record<string, string> = {}): Thing => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'acme', name },
  data,
});
const ref = (name: string) => ({ namespace: 'acme', name });

let api: FakeApi;
let client: Client;
/** A real half second for any request, however the clock runs. */
const patient = { clock, requestTimeoutMs: 5_000_000 };

beforeEach(async () => {
  api = await FakeApi.start();
  client = api.client(patient);
});
afterEach(async () => {
  client.close();
  await api.stop();
});

const lastRequest = () => api.requests.at(-1)!;

describe('requests', () => {
  it('create, get, replace and delete an object', async () => {
    const made = await client.create(configMaps, thing('a', { k: 'ä' }));
    expect(await client.get<Thing>(configMaps, ref('a'))).toEqual(made);
    await client.replace(configMaps, { ...made, data: { k: '日本' } });
    expect((await client.get<Thing>(configMaps, ref('a'))).data).toEqual({ k: '日本' });
    await expect(client.replace(configMaps, made)).rejects.toSatisfy(isConflict);
    await client.delete(configMaps, ref('a'));
    await expect(client.get(configMaps, ref('a'))).rejects.toSatisfy(isNotFound);
  });

  it('list with the kind that the API server leaves out of items', async () => {
    api.put(thing('a'));
    const list = await client.list<Thing>(configMaps, { namespace: 'acme', labelSelector: 'a=b,c', limit: 5 });
    expect(list.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
    expect(lastRequest().path).toBe('/api/v1/namespaces/acme/configmaps');
    expect(Object.fromEntries(lastRequest().query)).toEqual({ labelSelector: 'a=b,c', limit: '5' });
  });

  it('apply as server-side apply, strictly', async () => {
    await client.apply(configMaps, thing('a'), { fieldManager: 'airfield', force: true, dryRun: true });
    expect(lastRequest()).toMatchObject({ method: 'PATCH', path: '/api/v1/namespaces/acme/configmaps/a' });
    expect(lastRequest().headers['content-type']).toBe('application/apply-patch+yaml');
    const query = { fieldManager: 'airfield', force: 'true', dryRun: 'All', fieldValidation: 'Strict' };
    expect(Object.fromEntries(lastRequest().query)).toEqual(query);
  });

  it('patch a subresource by merge', async () => {
    api.put(thing('a'));
    await client.mergePatch(deployments, ref('a'), { spec: { replicas: 2 } }, { subresource: 'scale' });
    expect(lastRequest().path).toBe('/apis/apps/v1/namespaces/acme/deployments/a/scale');
    expect(lastRequest().headers['content-type']).toBe('application/merge-patch+json');
    expect(JSON.parse(lastRequest().body)).toEqual({ spec: { replicas: 2 } });
  });

  it('delete with preconditions and a propagation policy', async () => {
    api.put(thing('a'));
    await client.delete(configMaps, ref('a'), { propagationPolicy: 'Foreground', uid: 'u' });
    expect(JSON.parse(lastRequest().body)).toMatchObject({
      kind: 'DeleteOptions',
      propagationPolicy: 'Foreground',
      preconditions: { uid: 'u' },
    });
  });

  it('keep a path that the server has below its address', async () => {
    const rancher = new Client({ auth: anonymous(new URL('/k8s/clusters/c-1', api.url)) });
    await rancher.get(nodes, { name: 'n' }).catch(() => {});
    expect(lastRequest().path).toBe('/k8s/clusters/c-1/api/v1/nodes/n');
    rancher.close();
  });

  it('give text as it is where a raw answer is not JSON', async () => {
    api.scripts.push((_, response) => {
      response.end('line 1\nline 2\n');
      return true;
    });
    expect(await client.raw('GET', '/api/v1/namespaces/acme/pods/p/log?tailLines=2')).toBe('line 1\nline 2\n');
  });
});

describe('connections', () => {
  it('are kept: 300 requests in a row use one', async () => {
    for (let n = 0; n < 300; n++) await client.list(configMaps);
    expect(api.connections).toBe(1);
  });

  it('are bounded: 64 requests at once use no more than maxSockets, and watches have their own', async () => {
    const few = api.client({ maxSockets: 8 });
    const stop = new AbortController();
    const watches = Array.from({ length: 8 }, async () => {
      for await (const _ of few.watch(configMaps, { resourceVersion: '100', signal: stop.signal }));
    });
    await until('all watches are open', () => api.watches.size === 8);
    await Promise.all(Array.from({ length: 64 }, () => few.list(configMaps)));
    expect(api.connections).toBeLessThanOrEqual(8 + 8);
    stop.abort();
    await Promise.all(watches);
    few.close();
  });
});

describe('trouble', () => {
  it('is waited out where the server names a time', async () => {
    const seen: Observation[] = [];
    const watched = api.client({ ...patient, onRequest: (observation) => seen.push(observation) });
    api.fail(503, { headers: { 'retry-after': '1' } });
    api.fail(429, { headers: { 'retry-after': '2' }, times: 2 });
    await watched.create(configMaps, thing('a'));
    expect(seen.map(({ status, verb, resource }) => [verb, resource, status])).toEqual([
      ['create', 'configmaps', 429],
      ['create', 'configmaps', 429],
      ['create', 'configmaps', 503],
      ['create', 'configmaps', 201],
    ]);
    watched.close();
  });

  it('is told after a few tries', async () => {
    api.fail(429, { headers: { 'retry-after': '1' }, times: 100 });
    await expect(client.list(configMaps)).rejects.toMatchObject({ status: 429, retryAfterSeconds: 1 });
    expect(api.requests.length).toBe(5);
  });

  it('is told at once where the server asks for longer than the deadline', async () => {
    api.fail(429, { headers: { 'retry-after': '6000' } });
    await expect(client.list(configMaps)).rejects.toMatchObject({ status: 429, retryAfterSeconds: 6000 });
    expect(api.requests.length).toBe(1);
  });

  it('of a broken connection is tried again for what is idempotent, and never for a create', async () => {
    let left = 1;
    api.scripts.push((_, response) => {
      if (left === 0) return false;
      left--;
      response.socket!.resetAndDestroy();
      return true;
    });
    expect((await client.list(configMaps)).items).toEqual([]);
    left = 1;
    await expect(client.create(configMaps, thing('a'))).rejects.toSatisfy(isUnreachable);
    expect(api.objects.size).toBe(0);
  });

  it('of a server that does not answer ends with the deadline', async () => {
    api.scripts.push(() => true);
    const hasty = api.client({ clock, requestTimeoutMs: 20_000 });
    await expect(hasty.list(configMaps)).rejects.toThrow(`no answer from ${api.url.origin} within 20 s`);
    hasty.close();
  });

  it('of a server that is not there names it and what to check', async () => {
    const { url } = api;
    await api.stop();
    await expect(client.list(configMaps)).rejects.toThrow(`no connection to ${url.origin} (ECONNREFUSED)`);
  });

  it('is not made of an abort: the reason of the signal comes out', async () => {
    api.scripts.push(() => true);
    const abort = new AbortController();
    const request = client.get(configMaps, ref('a'), { signal: abort.signal });
    await until('the request is there', () => api.requests.length === 1);
    abort.abort(new Error('enough'));
    await expect(request).rejects.toThrow('enough');
  });
});

describe('credentials', () => {
  it('that the server refuses are read again, once', async () => {
    const refused: (string | undefined)[] = [];
    const headers = (bad?: string) => {
      refused.push(bad);
      return Promise.resolve({ authorization: bad ? 'Bearer new' : 'Bearer old' });
    };
    api.scripts.push(({ headers: { authorization } }, response) => {
      if (authorization === 'Bearer new') return false;
      response.writeHead(401).end();
      return true;
    });
    const rotated = new Client({ auth: { ...anonymous(api.url), headers } });
    expect((await rotated.list(configMaps)).items).toEqual([]);
    expect(refused).toEqual([undefined, 'Bearer old']);
    rotated.close();
  });

  it('that stay refused are told as Unauthorized', async () => {
    api.fail(401, { times: 10 });
    await expect(client.list(configMaps)).rejects.toMatchObject({ status: 401, reason: 'Unauthorized' });
    expect(api.requests.length).toBe(1);
  });
});

describe('a watch', () => {
  const collect = async (options: Parameters<Client['watch']>[1]) => {
    const types: string[] = [];
    for await (const { type, object } of client.watch<Thing>(configMaps, options)) {
      types.push(`${type} ${object.metadata.name ?? object.metadata.resourceVersion}`);
    }
    return types;
  };

  it('tells changes and bookmarks until the server ends it', async () => {
    const events = collect({ resourceVersion: '100', allowBookmarks: true, timeoutSeconds: 290, namespace: 'acme' });
    await until('the watch is open', () => api.watches.size === 1);
    api.put(thing('a'));
    api.put(thing('a'));
    api.remove('acme/a');
    api.bookmark();
    for (const watch of api.watches) watch.end();
    expect(await events).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'BOOKMARK 103']);
    const query = { watch: 'true', resourceVersion: '100', allowWatchBookmarks: 'true', timeoutSeconds: '290' };
    expect(Object.fromEntries(lastRequest().query)).toEqual(query);
  });

  it.each(['status', 'event'] as const)('fails alike for a version that is gone: as %s', async (gone) => {
    api.gone = gone;
    api.put(thing('a'));
    api.compact();
    await expect(collect({ resourceVersion: '100' })).rejects.toMatchObject({ status: 410, reason: 'Expired' });
  });

  it('fails after silence, counted from the last byte', async () => {
    const events = collect({ resourceVersion: '100', idleTimeoutMs: 200_000 });
    await until('the watch is open', () => api.watches.size === 1);
    api.put(thing('a'));
    await expect(events).rejects.toThrow('silent for 200 s');
    await until('its connection is closed', () => api.watches.size === 0);
  });

  it('fails when the connection breaks in the middle of a line', async () => {
    const events = collect({ resourceVersion: '100' });
    await until('the watch is open', () => api.watches.size === 1);
    for (const watch of api.watches) watch.reset({ type: 'ADDED', object: {} });
    await expect(events).rejects.toBeInstanceOf(KubeError);
  });

  it('ends quietly when it is aborted, and closes its connection when the loop is left', async () => {
    const abort = new AbortController();
    const events = collect({ resourceVersion: '100', signal: abort.signal });
    await until('the watch is open', () => api.watches.size === 1);
    abort.abort();
    expect(await events).toEqual([]);
    api.put(thing('a'));
    for await (const _ of client.watch(configMaps, { resourceVersion: '100' })) break;
    await until('both connections are closed', () => api.watches.size === 0);
  });
});
