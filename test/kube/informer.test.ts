import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Informer, type InformerOptions } from '../../src/kube/informer.ts';
import { silent } from '../../src/kube/log.ts';
import { configMaps } from '../../src/kube/resources.ts';
import { FakeApi, type Thing } from './fake-api.ts';
import { fastClock, until } from './time.ts';

const thing = (name: string, data = 'x'): Thing => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'acme', name },
  data: { data },
});

let api: FakeApi;
let informer: Informer<Thing>;
let told: string[];
const clock = fastClock(1000);

function watchThings(options: Partial<InformerOptions<Thing>> = {}): Informer<Thing> {
  const client = api.client({ clock, requestTimeoutMs: 5_000_000 });
  informer = new Informer<Thing>({ client, resource: configMaps, pageSize: 2, clock, ...options });
  informer.onChange((key, current, previous) => {
    told.push(`${key} ${previous?.data?.data ?? '-'} -> ${current?.data?.data ?? '-'}`);
  });
  informer.start();
  return informer;
}

beforeEach(async () => {
  told = [];
  api = await FakeApi.start();
});
afterEach(async () => {
  await informer.stop();
  await api.stop();
});

const isOpen = () => api.watches.size === 1;

describe('the informer', () => {
  it('is synced when all pages are there, and tells each object once', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) api.put(thing(name));
    await watchThings().synced;
    expect(informer.store.size).toBe(5);
    expect(told.length).toBe(5);
    expect(informer.store.get('acme/a')).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(api.requests.filter(({ query }) => query.has('limit')).length).toBe(3);
  });

  it('follows changes: the store first, then the handlers', async () => {
    const { store } = watchThings();
    const sizes: number[] = [];
    informer.onChange(() => sizes.push(store.size));
    await until('it watches', isOpen);
    api.put(thing('a', '1'));
    api.put(thing('a', '2'));
    api.remove('acme/a');
    await until('it has heard of everything', () => told.length === 3);
    expect(told).toEqual(['acme/a - -> 1', 'acme/a 1 -> 2', 'acme/a 2 -> -']);
    expect(sizes).toEqual([1, 1, 0]);
  });

  it('tells after a relist only what is different, deletions too', async () => {
    for (const name of ['same', 'gone', 'changed']) api.put(thing(name));
    await watchThings().synced;
    await until('it watches', isOpen);
    told.length = 0;
    for (const watch of api.watches) watch.reset();
    api.remove('acme/gone');
    api.put(thing('changed', 'y'));
    api.compact();
    await until('it has listed again', () => told.length === 2);
    expect(told.sort()).toEqual(['acme/changed x -> y', 'acme/gone x -> -']);
    expect(informer.relists).toBe(1);
  });

  it('goes on from the last version after a broken watch, without a new list', async () => {
    await watchThings().synced;
    await until('it watches', isOpen);
    api.put(thing('a'));
    await until('it has heard of it', () => told.length === 1);
    for (const watch of api.watches) watch.reset();
    api.put(thing('b'));
    await until('it has heard of what happened in between', () => told.length === 2);
    expect(informer.relists).toBe(0);
    expect(informer.restarts).toBe(1);
    expect(api.requests.at(-1)?.query.get('resourceVersion')).toBe('101');
  });

  it('goes on from a bookmark', async () => {
    await watchThings().synced;
    await until('it watches', isOpen);
    api.version = 500;
    api.bookmark();
    for (const watch of api.watches) watch.end();
    await until('it watches again', () => api.requests.at(-1)?.query.get('resourceVersion') === '500');
  });

  it('starts the list again when a page is gone', async () => {
    for (const name of ['a', 'b', 'c']) api.put(thing(name));
    api.fail(410, { when: ({ query }) => query.has('continue') });
    await watchThings().synced;
    expect(informer.store.size).toBe(3);
    expect(informer.relists).toBe(1);
  });

  it('goes on with the page where another failure interrupted', async () => {
    for (const name of ['a', 'b', 'c']) api.put(thing(name));
    api.fail(500, { when: ({ query }) => query.has('continue'), times: 3 });
    await watchThings().synced;
    expect(informer.store.size).toBe(3);
    expect(informer.relists).toBe(0);
  });

  it('survives a handler that throws, and says so in the log', async () => {
    const errors: object[] = [];
    const log = { ...silent, error: (fields: object) => errors.push(fields) };
    watchThings({ log });
    informer.onChange(() => {
      throw new Error('broken handler');
    });
    informer.onChange((key) => told.push(`after ${key}`));
    await until('it watches', isOpen);
    api.put(thing('a'));
    await until('the others have heard of it', () => told.length === 2);
    expect(errors).toMatchObject([{ key: 'acme/a', err: { message: 'broken handler' } }]);
  });

  it('waits longer and longer where a watch ends as soon as it is open', async () => {
    const delays: number[] = [];
    const log = { ...silent, warn: (fields: object) => delays.push((fields as { retryMs: number }).retryMs) };
    api.scripts.push(({ query }, response) => {
      if (query.get('watch')) response.end();
      return query.has('watch');
    });
    watchThings({ log, random: () => 1 });
    await until('it has tried a few times', () => delays.length >= 4);
    expect(delays.slice(0, 4)).toEqual([800, 1600, 3200, 6400]);
  });

  it('lists at once when the server is back and has forgotten what happened meanwhile', async () => {
    const delays: number[] = [];
    const log = { ...silent, warn: (fields: object) => delays.push((fields as { retryMs: number }).retryMs) };
    await watchThings({ log, random: () => 1 }).synced;
    await until('it watches', isOpen);
    api.fail(500, { when: ({ query }) => query.has('watch'), times: 3 });
    for (const watch of api.watches) watch.reset();
    api.put(thing('a'));
    api.compact();
    await until('it has listed again', () => told.length === 1);
    expect(delays).toEqual([800, 1600, 3200, 6400, 800]);
  });

  it('waits longer and longer where each list is too old to be watched', async () => {
    const delays: number[] = [];
    const log = { ...silent, warn: (fields: object) => delays.push((fields as { retryMs: number }).retryMs) };
    api.fail(410, { when: ({ query }) => query.has('watch'), times: 3 });
    watchThings({ log, random: () => 1 });
    await until('it watches', isOpen);
    expect(delays).toEqual([800, 1600, 3200]);
  });

  it('comes back quickly each time a quiet watch falls silent', async () => {
    const delays: number[] = [];
    const log = { ...silent, warn: (fields: object) => delays.push((fields as { retryMs: number }).retryMs) };
    watchThings({ log, random: () => 1, idleTimeoutMs: 20_000 });
    await until('it was silent a few times', () => delays.length >= 4);
    expect(new Set(delays)).toEqual(new Set([800]));
  });

  it('is stale when nothing has come for long, and only then', async () => {
    await watchThings().synced;
    const { lastActivity } = informer;
    expect(informer.isStale(lastActivity + 300_000)).toBe(false);
    expect(informer.isStale(lastActivity + 400_000)).toBe(true);
  });

  it('has closed its watch when stop resolves', async () => {
    await watchThings().synced;
    await until('it watches', isOpen);
    await informer.stop();
    await until('the server sees it', () => api.watches.size === 0);
    api.put(thing('a'));
    expect(told).toEqual([]);
  });

  it('rejects whoever waits for a first list that will not come', async () => {
    api.fail(403, { times: 1000 });
    const { synced } = watchThings();
    await informer.stop();
    await expect(synced).rejects.toThrow('stopped before its first list');
  });
});
