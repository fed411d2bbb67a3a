import { describe, expect, it } from 'vitest';
import type { EndpointSlice, ObservedPod } from '../../src/api/kubernetes.ts';
import type { MachineSpecInput } from '../../src/api/machine.ts';
import { machineChildren } from '../../src/desired/machine.ts';
import { machinePlacesSlices, placesService, placesSlices } from '../../src/desired/place-names.ts';
import { anApp, childrenOf, settings } from './app-fixture.ts';
import { aMachine, launched, ofApp } from './machine-fixture.ts';

const on = { ...settings, dnsRewrite: true };

interface More {
  readonly region?: string;
  readonly ready?: boolean;
  readonly deletionTimestamp?: string;
}

function pod(podIP: string, group?: string, { region, ready = true, deletionTimestamp }: More = {}): ObservedPod {
  const labels = {
    ...(group && { 'airfield.dev/process': group }),
    ...(region && { 'airfield.dev/region': region }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${podIP}`, labels, ...(deletionTimestamp && { deletionTimestamp }) },
    status: { podIP, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

const hosts = (slices: readonly EndpointSlice[]) =>
  slices.flatMap(({ endpoints }) => (endpoints ?? []).map(({ hostname, addresses }) => `${hostname} ${addresses}`));

describe('the names of process groups and regions of an App', () => {
  it('are host names of a headless Service of the App', () => {
    const app = anApp();
    expect(placesService(app, on)).toMatchObject({
      metadata: { name: 'internal--hello' },
      spec: { clusterIP: 'None' },
    });
    const [slice] = placesSlices(app, [pod('10.0.0.1', 'web', { region: 'fra' })], on);
    expect(slice?.metadata.labels).toMatchObject({ 'kubernetes.io/service-name': 'internal--hello' });
  });

  it('lead to the machines that are ready, by their group and region', () => {
    const pods = [
      pod('10.0.0.2', 'web', { region: 'iad' }),
      pod('10.0.0.1', 'web', { region: 'fra' }),
      pod('10.0.0.3', 'worker', { region: 'fra' }),
      pod('10.0.0.4', 'web', { region: 'fra', ready: false }),
      pod('10.0.0.5', 'web', { region: 'fra', deletionTimestamp: '2026-01-01T00:00:00Z' }),
    ];
    expect(hosts(placesSlices(anApp(), pods, on))).toEqual([
      'process-web 10.0.0.1',
      'process-web 10.0.0.2',
      'process-worker 10.0.0.3',
      'region-fra 10.0.0.1',
      'region-fra 10.0.0.3',
      'region-iad 10.0.0.2',
    ]);
  });

  it('say the region that a machine is told where nobody names one', () => {
    expect(hosts(placesSlices(anApp(), [pod('10.0.0.1', 'app')], on))).toContain('region-local 10.0.0.1');
  });

  it('are none of what runs once for a release', () => {
    expect(placesSlices(anApp(), [pod('10.0.0.1')], on)).toEqual([]);
  });

  it('do not depend on the order of pods', () => {
    const pods = [pod('10.0.0.2', 'web'), pod('10.0.0.1', 'web')];
    expect(placesSlices(anApp(), pods, on)).toEqual(placesSlices(anApp(), pods.toReversed(), on));
  });

  it('lead to all machines of a large App, in slices that the API server takes', () => {
    const pods = Array.from({ length: 1200 }, (_, i) => pod(`10.0.${Math.floor(i / 250)}.${i % 250}`, 'web'));
    const slices = placesSlices(anApp(), pods, on);
    expect(slices.map(({ endpoints }) => endpoints?.length)).toEqual([1000, 1000, 400]);
    expect(new Set(slices.map(({ metadata }) => metadata.name)).size).toBe(3);
  });

  it('are told apart where joined names would be the same', () => {
    const namesOf = (app: string, group: string) => {
      const [slice] = placesSlices(anApp({}, app), [pod('10.0.0.1', group)], on);
      return `${slice?.endpoints?.[0]?.hostname}.${slice?.metadata.labels?.['kubernetes.io/service-name']}`;
    };
    const all = [
      namesOf('a', 'b--c'),
      namesOf('c--a', 'b'),
      namesOf('a', 'b'),
      namesOf('a-b', 'c'),
      namesOf('b', 'c-a'),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('are none that DNS could not have', () => {
    expect(placesService(anApp({}, 'a'.repeat(53)), on)?.metadata.name).toHaveLength(63);
    expect(placesService(anApp({}, 'a'.repeat(54)), on)).toBeUndefined();
    expect(placesSlices(anApp({}, 'a'.repeat(54)), [pod('10.0.0.1', 'web')], on)).toEqual([]);
    expect(hosts(placesSlices(anApp(), [pod('10.0.0.1', 'g'.repeat(56))], on))).toEqual(['region-local 10.0.0.1']);
  });

  it('are there only where the DNS of the cluster leads to them', () => {
    const app = anApp();
    const pods = [pod('10.0.0.1', 'app')];
    const namesIn = (children: readonly { metadata: { name: string } }[]) =>
      children.map(({ metadata }) => metadata.name).filter((name) => /internal--|places/.test(name));
    expect(namesIn(childrenOf(app, { pods }))).toEqual([]);
    expect(namesIn(childrenOf(app, { pods }, on))).toHaveLength(2);
    const children = machineChildren(ofApp(launched(aMachine())), { pods, workloads: [] }, settings);
    expect(namesIn(children)).toEqual([]);
  });
});

describe('the names of a Machine', () => {
  const slices = (spec: Partial<MachineSpecInput>, app = anApp()) =>
    machinePlacesSlices(ofApp(aMachine(spec), app), [pod('10.0.0.9', 'app')], on);

  it('are those of its group and region, beside the machines of its App', () => {
    const [slice] = slices({ region: 'fra', metadata: { fly_process_group: 'worker' } });
    expect(hosts(slice ? [slice] : [])).toEqual(['process-worker 10.0.0.9', 'region-fra 10.0.0.9']);
    const [ofApps] = placesSlices(anApp(), [pod('10.0.0.1', 'app')], on);
    const service = 'kubernetes.io/service-name';
    expect(slice?.metadata.labels?.[service]).toBe(ofApps?.metadata.labels?.[service]);
    expect(slice?.metadata.name).not.toBe(ofApps?.metadata.name);
  });

  it('follow the region of its App, or of the cluster', () => {
    expect(hosts(slices({}, anApp({ primaryRegion: 'iad' })))).toContain('region-iad 10.0.0.9');
    expect(hosts(slices({}))).toContain('region-local 10.0.0.9');
  });

  it('are none where it is left out of `.internal`', () => {
    expect(slices({ dns: { skipRegistration: true } })).toEqual([]);
  });
});
