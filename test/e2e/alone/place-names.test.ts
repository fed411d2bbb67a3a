import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { buildTimeoutMs, helm, render } from '../../chart/helm.ts';
import { app, clientApp, clientImage, helloApp } from '../apps.ts';
import { kubectl, Namespace, patience, until } from '../kubectl.ts';
import { OperatorProcess } from '../operator.ts';

interface Pod {
  metadata: { labels: Record<string, string>; deletionTimestamp?: string };
  status: { podIP?: string; conditions?: { type: string; status: string }[] };
}

const command = ['sleep', '86400'];
const on = { AIRFIELD_DNS_REWRITE: 'on' };
/** The kubelet brings what has changed in a ConfigMap, and CoreDNS looks for changes, each once in a while. */
const untilRead = 2 * patience;

const group = (name: string, ...regions: [string, number][]) => ({
  name,
  ...(name !== 'web' && { command }),
  regions: regions.map(([region, count]) => ({ name: region, count })),
});

/** Machines in two groups and two regions. */
const shop = (...web: [string, number][]) =>
  app('shop', {
    image: clientImage,
    killSignal: 'SIGKILL',
    primaryRegion: 'iad',
    processes: [{ ...group('web', ...web), command }, group('worker', ['iad', 1])],
  });

const machine = (name: string, spec: object) => ({
  apiVersion: 'airfield.dev/v1alpha1',
  kind: 'Machine',
  metadata: { name },
  spec: { app: 'shop', command, killSignal: 'SIGKILL', region: 'sin', ...spec },
});

describe.runIf(inject('provider') === 'embedded')('names of process groups and regions', { concurrent: false }, () => {
  let operator: OperatorProcess | undefined;
  let home: Namespace;
  let away: Namespace;
  let rewrite = '';

  beforeAll(async () => {
    await helm(['version']);
    const isRewrite = ({ kind, metadata }: { kind: string; metadata: { name: string } }) =>
      kind === 'ConfigMap' && metadata.name === 'coredns-custom';
    rewrite = JSON.stringify((await render('dns-rewrite')).find(isRewrite));
    await kubectl(['apply', '-f', '-'], rewrite);
    [home, away] = await Promise.all([Namespace.create('names'), Namespace.create('others')]);
    operator = await OperatorProcess.start({ env: on });
    await home.apply(shop(['iad', 1], ['fra', 2]), helloApp('asker'));
    await home.apply(clientApp('b', { processes: [{ name: 'c--a', command }] }));
    await home.apply(clientApp('a--b', { processes: [{ name: 'c', command }] }));
    await away.apply(helloApp('asker'), clientApp('shop', { processes: [{ name: 'queue', command }] }));
    await Promise.all(['shop', 'asker', 'b', 'a--b'].map((name) => home.waitReady(name)));
    await Promise.all(['shop', 'asker'].map((name) => away.waitReady(name)));
  }, buildTimeoutMs);
  afterAll(async () => {
    if (rewrite) await kubectl(['delete', '-f', '-', '--ignore-not-found'], rewrite);
    await Promise.all([home?.delete(), away?.delete()]);
    await operator?.stop();
  });

  /** What a program finds under a name, as most programs look. */
  async function found(name: string, from = home): Promise<string[]> {
    const script = `require('node:dns').promises.lookup('${name}', { all: true }).then((all) => all.map((one) => one.address), ({ code }) => code === 'ENOTFOUND' ? [] : [code]).then((all) => console.log(JSON.stringify(all.sort())))`;
    return JSON.parse(await from.exec('asker', 'node', '-e', script));
  }

  /** Addresses of the machines with these labels. */
  async function machines(selector: string): Promise<string[]> {
    const pods = await home.list<Pod>('pods', selector);
    const isReady = ({ metadata, status }: Pod) =>
      !metadata.deletionTimestamp && status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True');
    return pods
      .filter(isReady)
      .flatMap(({ status }) => status.podIP ?? [])
      .sort();
  }

  /** That the name leads to the machines with these labels, and how many they are. */
  const leads = (name: string, selector: string, count: number, timeout = patience) =>
    until(
      `${name} to lead to ${count}`,
      async () => {
        const [there, addresses] = await Promise.all([found(name), machines(selector)]);
        return addresses.length === count && JSON.stringify(there) === JSON.stringify(addresses);
      },
      timeout,
    );

  const of = (name: string, more: string) => `airfield.dev/app=${name},${more}`;
  const inGroup = (name: string, of_ = 'shop') => of(of_, `airfield.dev/process=${name}`);
  const inRegion = (name: string) => of('shop', `airfield.dev/region=${name}`);

  it('lead to the machines of the group, or of the region, and to no others', { timeout: 2 * untilRead }, async () => {
    await leads('web.process.shop.internal', inGroup('web'), 3, untilRead);
    await leads('worker.process.shop.internal', inGroup('worker'), 1);
    await leads('fra.shop.internal', inRegion('fra'), 2);
    await leads('iad.shop.internal', inRegion('iad'), 2);
    expect(await found('queue.process.shop.internal')).toEqual([]);
    expect(await found('sin.shop.internal')).toEqual([]);
  });

  it('give the answer under the name that was asked for', async () => {
    const name = `worker.process.shop.internal.${home.name}.svc.cluster.local`;
    const said = await home.kubectl(['exec', 'deploy/shop-web', '--', 'nslookup', name]);
    expect(said).toContain(`Name:\t${name}`);
    expect(said).not.toContain('internal--');
  });

  it('lead to machines of the group where nobody names a region', async () => {
    await leads('local.asker.internal', inGroup('app', 'asker'), 2);
  });

  it('are not mixed up by hyphens', async () => {
    await leads('c--a.process.b.internal', inGroup('c--a', 'b'), 1);
    await leads('c.process.a--b.internal', inGroup('c', 'a--b'), 1);
  });

  it('are those of the own namespace', async () => {
    expect(await found('web.process.shop.internal', away)).toEqual([]);
    expect(await found('queue.process.shop.internal', away)).toHaveLength(1);
    expect(await found(`web.process.shop.internal.${home.name}.svc.cluster.local`, away)).toHaveLength(3);
  });

  it('are those of Machines of the App, too, but for those that are left out of `.internal`', async () => {
    await home.apply(
      machine('beside', { metadata: { fly_process_group: 'worker' } }),
      machine('hidden', { metadata: { fly_process_group: 'worker' }, dns: { skipRegistration: true } }),
    );
    await home.wait('condition=Ready', 'machines.airfield.dev/beside', 'machines.airfield.dev/hidden');
    const shown = ',airfield.dev/machine!=hidden';
    await leads('worker.process.shop.internal', `${inGroup('worker')}${shown}`, 2);
    await leads('sin.shop.internal', `${inRegion('sin')}${shown}`, 1);
  });

  it('are not those of machines that are gone', async () => {
    await home.apply(shop(['iad', 1]));
    await leads('web.process.shop.internal', inGroup('web'), 1);
    await until('no machine in fra', async () => (await found('fra.shop.internal')).length === 0);
  });

  it('leave nothing behind where they are not wanted any more', async () => {
    await operator?.stop();
    operator = await OperatorProcess.start();
    const left = async () => {
      const names = await home.names('services', 'endpointslices');
      return names.filter((name) => name.includes('internal--') || name.includes('places'));
    };
    await until('the Services and slices to be gone', async () => (await left()).length === 0);
    expect(await found('shop.internal')).not.toEqual([]);
  });
});
