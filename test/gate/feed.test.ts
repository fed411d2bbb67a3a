import { beforeEach, describe, expect, it } from 'vitest';
import type { Route } from '../../src/api/route.ts';
import type { Certificate, CertificateSecret } from '../../src/gate/certificates.ts';
import { Drains } from '../../src/gate/drains.ts';
import { Feed } from '../../src/gate/feed.ts';
import type { Machine } from '../../src/gate/machine.ts';
import { appOf, type GatePod } from '../../src/gate/pod-machines.ts';
import { Problems } from '../../src/gate/problems.ts';
import type { ChangeHandler } from '../../src/kube/informer.ts';
import { Store, type StoreOptions } from '../../src/kube/store.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { ManualClock } from '../kube/time.ts';
import { secret, signed } from './certificates.ts';

/** The part of an informer that tells of changes. */
class Told<T extends KubeObject> {
  readonly store: Store<T>;
  readonly #handlers: ChangeHandler<T>[] = [];
  #version = 0;

  constructor(options: StoreOptions<T> = {}) {
    this.store = new Store(options);
  }

  onChange(handler: ChangeHandler<T>): () => void {
    this.#handlers.push(handler);
    return () => {};
  }

  set(object: T): void {
    const metadata = { ...object.metadata, resourceVersion: `${++this.#version}` };
    const { key, current, previous } = this.store.set({ ...object, metadata });
    for (const handler of this.#handlers) handler(key, current, previous);
  }

  delete(key: string): void {
    const { current, previous } = this.store.delete(key);
    for (const handler of this.#handlers) handler(key, current, previous);
  }
}

let services: Told<KubeObject>;
let pods: Told<GatePod>;
let certificates: Told<CertificateSecret>;
let clock: ManualClock;
/** What the data plane was told, in order. */
let told: string[];
let refusal: Error | undefined;
let held: Map<string, number>;
let problems: string[];
let bereft: string[];
let drains: Drains;
let feed: Feed;

const tellRoutes = async (routes: readonly Route[], all: readonly Certificate[] = []) => {
  const hosts = all.length > 0 ? ` with certificates for ${all.flatMap((one) => one.hosts).join(' ')}` : '';
  told.push(`routes ${routes.map(({ app }) => app).join(' ')}${hosts}`);
  if (refusal) throw refusal;
};
const tellMachines = (name: string, machines: readonly Machine[]) =>
  void told.push(`${name}: ${machines.map((one) => one.name + (one.leaving ? ' leaves' : '')).join(', ')}`);

const tellPart = (name: string, part: string) => void told.push(`${name}: ${part}`);

beforeEach(() => {
  services = new Told<KubeObject>();
  pods = new Told<GatePod>({ indexes: { app: (pod) => [appOf(pod)] } });
  certificates = new Told<CertificateSecret>();
  clock = new ManualClock();
  [told, problems, bereft, refusal, held] = [[], [], [], undefined, new Map()];
  drains = new Drains({ clock, onChange: (namespace, machine) => feed.touch(namespace, machine) });
  feed = new Feed({
    services,
    pods,
    certificates,
    plane: {
      start: tellRoutes,
      setRoutes: tellRoutes,
      setMachines: tellMachines,
      coldStartGoesOn: tellPart,
      held: () => held,
    },
    ports: { first: 20_000, last: 29_999 },
    drains,
    resumes: { has: () => false, seen: () => {} },
    problems: new Problems((problem) => problems.push(problem)),
    onBereft: (name) => bereft.push(name),
    clock,
  });
});

function service(app: string, listenPort: number): KubeObject {
  const route = { namespace: 'acme', app, listenPort, port: 80, internalPort: 8080, mode: 'http' };
  const annotations = { 'airfield.dev/routes': JSON.stringify([route]) };
  const metadata = { name: app, namespace: 'acme', labels: { 'airfield.dev/app': app }, annotations };
  return { apiVersion: 'v1', kind: 'Service', metadata };
}

const pod = (name: string, app: string): GatePod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'acme', labels: { 'airfield.dev/app': app } },
  machineId: name,
  address: '10.0.0.1',
  isScheduled: false,
  isRunning: true,
  readiness: 'starting',
  hasEnded: false,
});

/** Started with two Apps, one of which has a machine; all that was told before is forgotten. */
async function started(): Promise<void> {
  services.set(service('web', 20_000));
  services.set(service('db', 20_001));
  pods.set(pod('web-1', 'web'));
  await feed.start();
  await clock.advance(0);
  told = [];
}

describe('what a data plane is told', () => {
  it('at first: all routes, and all machines before HAProxy is up', async () => {
    services.set(service('web', 20_000));
    pods.set(pod('web-1', 'web'));
    const isUp = feed.start();
    expect(told).toEqual(['routes web', 'acme.web.20000: web-1']);
    await isUp;
  });

  it('the machines of an App, when its pods have changed: once, however many have', async () => {
    await started();
    pods.set(pod('web-2', 'web'));
    pods.set(pod('web-3', 'web'));
    pods.delete('acme/web-1');
    await clock.advance(0);
    expect(told).toEqual(['acme.web.20000: web-2, web-3']);
  });

  it('that a node has a machine', async () => {
    await started();
    pods.set({ ...pod('web-2', 'web'), address: '', isScheduled: true });
    await clock.advance(0);
    expect(told).toEqual(['acme.web.20000: schedule', 'acme.web.20000: web-1']);
  });

  it('routes, when Services have changed, and the machines of those that are new or gone', async () => {
    await started();
    services.set(service('new', 20_002));
    services.delete('acme/web');
    await clock.advance(0);
    expect(told).toEqual(['routes db new', 'acme.web.20000: ', 'acme.new.20002: ']);
  });

  it('routes again, when HAProxy has refused them, in ever longer pauses', async () => {
    await started();
    refusal = new Error('port 20002 is taken');
    services.set(service('new', 20_002));
    await clock.advance(0);
    await clock.advance(1000);
    await clock.advance(1999);
    const isOfRoutes = (line: string) => line.startsWith('routes');
    expect([told.filter(isOfRoutes).length, problems]).toEqual([2, ['port 20002 is taken']]);
    refusal = undefined;
    await clock.advance(1);
    await clock.advance(600_000);
    expect(told.filter(isOfRoutes)).toHaveLength(3);
  });

  it('which machine leaves, as long as it is drained', async () => {
    await started();
    drains.set('acme', 'web-1', 30);
    drains.set('other', 'web-1', 30);
    await clock.advance(0);
    await clock.advance(30_000);
    expect(told).toEqual(['acme.web.20000: web-1 leaves', 'acme.web.20000: web-1']);
  });

  it('certificates, when they come, and what is wrong with them', async () => {
    await started();
    certificates.set(secret('tls', ['a.example'], await signed(['a.example'])));
    await clock.advance(0);
    certificates.set(secret('tls', ['a.example'], { key: 'x', cert: 'y' }));
    await clock.advance(0);
    expect(told).toEqual(['routes db web with certificates for a.example', 'routes db web']);
    expect(problems).toEqual(['Secret gates/tls: tls.crt must be certificates in PEM']);
  });

  it('nothing, when it has been stopped', async () => {
    await started();
    pods.delete('acme/web-1');
    feed.stop();
    services.set(service('new', 20_002));
    await clock.advance(60_000);
    expect(told).toEqual([]);
  });
});

describe('a machine is wanted', () => {
  it('where somebody waits and none is there or on its way', async () => {
    await started();
    const isWanted = () => feed.wanted('acme.web.20000') !== undefined;
    expect(isWanted()).toBe(false);
    held = new Map([['acme.web.20000', 1]]);
    expect(isWanted()).toBe(false);
    drains.set('acme', 'web-1', 30);
    expect(feed.wanted('acme.web.20000')).toMatchObject({ mayStay: true });
    pods.delete('acme/web-1');
    expect(feed.wanted('acme.web.20000')).toMatchObject({ mayStay: false });
    pods.set({ ...pod('web-2', 'web'), address: '' });
    expect(isWanted()).toBe(false);
  });

  it('also where the one that was on its way has gone', async () => {
    await started();
    held = new Map([['acme.web.20000', 1]]);
    pods.delete('acme/web-1');
    await clock.advance(0);
    expect(bereft).toEqual(['acme.web.20000']);
  });
});
