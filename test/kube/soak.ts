import { isDeepStrictEqual, parseArgs } from 'node:util';
import { Informer } from '../../src/kube/informer.ts';
import { configMaps } from '../../src/kube/resources.ts';
import type { Key } from '../../src/kube/types.ts';
import { seeded } from '../random.ts';
import { FakeApi, type Seen, type Thing } from './fake-api.ts';
import { fastClock, until } from './time.ts';

export interface SoakResult {
  readonly steps: number;
  readonly changes: number;
  readonly relists: number;
  readonly restarts: number;
  readonly faults: Readonly<Record<string, number>>;
}

interface SoakOptions {
  readonly seed: number;
  /** Called before each step; the soak ends when it says so. */
  readonly isOver: (step: number) => boolean;
}

type Random = () => number;

/** An API server that misbehaves, an informer, and what the informer's handlers were told. */
class World {
  readonly random: Random;
  readonly api: FakeApi;
  readonly informer: Informer<Thing>;
  readonly told = new Map<Key, Thing>();
  changes = 0;
  /** The first thing that was wrong in what the handlers heard. */
  complaint: string | undefined;
  readonly #newest = new Map<Key, number>();
  #serial = 0;

  constructor(api: FakeApi, random: Random) {
    this.random = random;
    this.api = api;
    const clock = fastClock(2000);
    this.informer = new Informer<Thing>({
      client: api.client({ clock, random, requestTimeoutMs: 600_000 }),
      resource: configMaps,
      pageSize: 7,
      idleTimeoutMs: 150_000,
      clock,
      random,
    });
    this.informer.onChange((key, current, previous) => this.#hear(key, current, previous));
    api.chunks = (line) => this.#cut(line);
  }

  below(n: number): number {
    return Math.floor(this.random() * n);
  }

  /** A few changes of the truth: new, changed, deleted, deleted and made again. */
  change(count = 1 + this.below(6)): void {
    for (; count > 0; count--) {
      const name = `thing-${this.below(30)}`;
      const key = `ns-${this.below(2)}/${name}`;
      if (this.random() < 0.3) this.api.remove(key);
      else this.put(key);
      if (this.random() < 0.1) this.put(key);
    }
  }

  put(key: Key): void {
    const [namespace, name] = key.split('/') as [string, string];
    this.api.put({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name, managedFields: [{ manager: 'x' }] },
      data: { serial: String(++this.#serial), text: 'grün — 日本語 🛩️'.repeat(1 + this.below(4)) },
    });
  }

  /** Nothing was told twice or out of order: what the informer says was there before is what it said last. */
  #hear(key: Key, current: Thing | undefined, previous: Thing | undefined): void {
    this.changes++;
    if (this.told.get(key) !== previous) this.complaint ??= `${key}: previous is not what was told last`;
    const version = Number(current?.metadata.resourceVersion ?? 0);
    if (current && version <= (this.#newest.get(key) ?? 0)) this.complaint ??= `${key}: an old state came back`;
    if (current) this.#newest.set(key, version);
    if (current) this.told.set(key, current);
    else this.told.delete(key);
  }

  /** Pieces of random length, so that they end within characters. */
  #cut(line: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    for (let at = 0; at < line.length; ) {
      const length = this.random() < 0.5 ? line.length : 1 + this.below(40);
      pieces.push(line.subarray(at, at + length));
      at += length;
    }
    return pieces;
  }
}

const isWatch = ({ query }: Seen) => query.get('watch') === 'true';

const breakWatches = ({ api, random }: World) => {
  for (const watch of api.watches) {
    if (random() < 0.5) watch.end();
    else watch.reset(random() < 0.5 ? { type: 'MODIFIED', object: { metadata: { name: 'half a line' } } } : undefined);
  }
};

const forget = (world: World) => {
  world.api.gone = world.random() < 0.5 ? 'status' : 'event';
  breakWatches(world);
  world.change();
  world.api.compact();
};

const faults: Record<string, (world: World) => void> = {
  'nothing but changes': (world) => world.change(20),
  'a watch that breaks off': breakWatches,
  'a version that is gone': forget,
  'objects deleted while nobody watched': (world) => {
    breakWatches(world);
    for (const key of [...world.api.objects.keys()].slice(0, 5)) world.api.remove(key);
    world.api.compact();
  },
  'a page that is gone': (world) => {
    world.api.fail(410, { when: ({ query }) => query.has('continue') });
    forget(world);
  },
  'a list that breaks off': (world) => {
    let left = 1;
    world.api.scripts.push((seen, response) => {
      if (left === 0 || isWatch(seen)) return false;
      left--;
      response.writeHead(200, { 'content-length': '1000' }).write('{"metadata":{"resourceVer');
      setImmediate(() => response.socket?.resetAndDestroy());
      return true;
    });
    forget(world);
  },
  'too many requests': (world) => {
    world.api.fail(429, { headers: { 'retry-after': '1' }, times: 1 + world.below(3) });
    (world.random() < 0.5 ? breakWatches : forget)(world);
  },
  'errors of the server': (world) => {
    world.api.fail([500, 503, 403][world.below(3)]!, { times: 1 + world.below(4) });
    (world.random() < 0.5 ? breakWatches : forget)(world);
  },
  'a silent stall': ({ api }) => {
    for (const watch of api.watches) watch.muted = true;
  },
  'old events again': (world) => {
    world.api.repeat = 1 + world.below(20);
    breakWatches(world);
  },
  bookmarks: (world) => {
    world.api.bookmark();
    if (world.random() < 0.5) breakWatches(world);
  },
  'an empty list': (world) => {
    for (const key of [...world.api.objects.keys()]) world.api.remove(key);
    if (world.random() < 0.5) forget(world);
  },
};

/** Faults and changes at random, and after each of them: does the store equal the server's truth? */
export async function soak({ seed, isOver }: SoakOptions): Promise<SoakResult> {
  const world = new World(await FakeApi.start(), seeded(seed));
  const { api, informer } = world;
  const counts: Record<string, number> = {};
  let last = 'the start';
  let step = 0;
  try {
    world.change(40);
    informer.start();
    for (; !isOver(step); step++) {
      await until(`the store equals the truth (seed ${seed}, step ${step}, after ${last})`, () => equal(world));
      api.scripts.length = 0;
      last = Object.keys(faults)[world.below(Object.keys(faults).length)]!;
      counts[last] = (counts[last] ?? 0) + 1;
      world.change();
      faults[last]!(world);
      world.change();
    }
    await until(`the store equals the truth (seed ${seed}, at the end, after ${last})`, () => equal(world));
    return {
      steps: step,
      changes: world.changes,
      relists: informer.relists,
      restarts: informer.restarts,
      faults: counts,
    };
  } finally {
    await informer.stop();
    await api.stop();
  }
}

function equal({ api, informer, told, complaint }: World): boolean {
  if (complaint) throw new Error(complaint);
  if (informer.store.size !== api.objects.size || told.size !== api.objects.size) return false;
  for (const [key, truth] of api.objects) {
    const { managedFields: _, ...metadata } = truth.metadata;
    const kept = informer.store.get(key);
    if (kept !== told.get(key) || !isDeepStrictEqual({ ...kept }, { ...truth, metadata })) return false;
  }
  return true;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { seed: { type: 'string' }, minutes: { type: 'string', default: '1' } } });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  const end = performance.now() + Number(values.minutes) * 60_000;
  console.log(`seed ${seed}, ${values.minutes} min`);
  console.log(await soak({ seed, isOver: () => performance.now() > end }));
}
