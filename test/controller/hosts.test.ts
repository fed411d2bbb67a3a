import { describe, expect, it } from 'vitest';
import { hostsOf, wantedHosts } from '../../src/controller/hosts.ts';
import { Store } from '../../src/kube/store.ts';
import type { KubeObject } from '../../src/kube/types.ts';

const edge = { kind: 'gate', baseDomain: 'apps.example.com' } as const;
const host = 'www.example.com';

const app = (namespace: string, name: string, day: number, hosts: readonly string[] = []) => ({
  apiVersion: 'airfield.dev/v1alpha1',
  kind: 'App',
  metadata: { namespace, name, creationTimestamp: `2026-01-0${day}T00:00:00Z` },
  spec: { services: [{ ports: [{ handlers: ['http'] }] }], domains: hosts.map((one) => ({ host: one })) },
});

/** What each App has, and what it is told of the others. */
function decided(...apps: KubeObject[]) {
  const store = new Store<KubeObject>({ indexes: { host: wantedHosts(edge) } });
  for (const one of apps) store.set(one);
  return apps.map((one) => {
    const { hosts, problems } = hostsOf(one, store, edge);
    return [hosts.map((has) => has.host), problems.map(({ reason, message }) => `${reason}: ${message}`)];
  });
}

describe('a host that several Apps want', () => {
  it('is that of the oldest, and the others are told who has it', () => {
    const [younger, older] = decided(app('b', 'two', 2, [host]), app('a', 'one', 1, [host]));
    expect(older).toEqual([['one.apps.example.com', host], []]);
    expect(younger).toEqual([
      ['two.apps.example.com'],
      [expect.stringMatching(/^HostTaken: the App a\/one, which is older, is served under it: choose another one/)],
    ]);
  });

  it('is that of the first by name where they are of the same age', () => {
    const [one, other] = decided(app('b', 'two', 1, [host]), app('a', 'one', 1, [host]));
    expect(one?.[0]).not.toContain(host);
    expect(other?.[0]).toContain(host);
  });

  it('may be that of their name, which several namespaces can have', () => {
    const [one, other] = decided(app('a', 'web', 1), app('b', 'web', 2));
    expect(one).toEqual([['web.apps.example.com'], []]);
    expect(other?.[0]).toEqual([]);
  });
});

it('an App as it is stored may say anything, or nothing, of its domains', () => {
  for (const spec of [undefined, {}, { services: [{}] }, { services: [{ ports: [{}] }] }]) {
    expect(wantedHosts(edge)({ ...app('a', 'web', 1), spec })).toEqual([]);
  }
});
