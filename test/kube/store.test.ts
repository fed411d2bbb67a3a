import { describe, expect, it } from 'vitest';
import { Store } from '../../src/kube/store.ts';
import type { KubeObject } from '../../src/kube/types.ts';

interface Pod extends KubeObject {
  spec: { node: string; ports: number[] };
}

const pod = (name: string, version: number, node = 'n1', uid = name): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'acme', name, uid, resourceVersion: String(version) },
  spec: { node, ports: [80] },
});

const names = (pods: Pod[]) => pods.map(({ metadata }) => metadata.name).sort();
const replace = (store: Store<Pod>, all: readonly Pod[]) => store.replace(all.map((one) => store.slim(one)));
const indexes = { byNode: ({ spec }: Pod) => (spec.node ? [spec.node] : []) };

describe('the store', () => {
  it('finds objects by key', () => {
    const store = new Store<Pod>();
    store.set(pod('a', 1));
    expect(store.get('acme/a')?.metadata.name).toBe('a');
    expect(store.get('acme/b')).toBeUndefined();
    expect(store.size).toBe(1);
  });

  it('follows an object that moves to another value of an index', () => {
    const store = new Store<Pod>({ indexes });
    store.set(pod('a', 1, 'n1'));
    store.set(pod('b', 2, 'n1'));
    store.set(pod('c', 3, ''));
    store.set(pod('a', 4, 'n2'));
    expect(names(store.byIndex('byNode', 'n1'))).toEqual(['b']);
    expect(names(store.byIndex('byNode', 'n2'))).toEqual(['a']);
    store.delete('acme/b');
    expect(store.byIndex('byNode', 'n1')).toEqual([]);
  });

  it('refuses an index that was not declared', () => {
    expect(() => new Store<Pod>().byIndex('byNode', 'n1')).toThrow('no index "byNode"');
  });

  it('replaces everything at once and tells the difference', () => {
    const store = new Store<Pod>({ indexes });
    for (const one of [pod('same', 1), pod('changed', 2), pod('gone', 3)]) store.set(one);
    const same = store.get('acme/same');
    const changes = replace(store, [pod('same', 1), pod('changed', 9, 'n2'), pod('new', 8, 'n2')]);
    const told = changes.map(({ key, current, previous }) => [key, !!previous, !!current]);
    expect(told).toEqual([
      ['acme/changed', true, true],
      ['acme/new', false, true],
      ['acme/gone', true, false],
    ]);
    expect(store.get('acme/same')).toBe(same);
    expect(names(store.byIndex('byNode', 'n1'))).toEqual(['same']);
    expect(names(store.byIndex('byNode', 'n2'))).toEqual(['changed', 'new']);
  });

  it('stays as it was when an index or a transform fails in the middle', () => {
    const store = new Store<Pod>({
      indexes,
      transform(object) {
        if (object.metadata.name === 'bad') throw new Error('bad');
        return object;
      },
    });
    store.set(pod('a', 1));
    expect(() => replace(store, [pod('b', 2), pod('bad', 3)])).toThrow('bad');
    expect(names(store.list())).toEqual(['a']);
    expect(names(store.byIndex('byNode', 'n1'))).toEqual(['a']);
  });

  it('makes a list small before all of it is there', () => {
    const store = new Store<Pod>();
    const big = pod('a', 1);
    Object.assign(big.metadata, { managedFields: [{ manager: 'kubectl' }] });
    expect(store.slim(big).metadata).not.toHaveProperty('managedFields');
    expect(store.list()).toEqual([]);
  });

  it('drops managedFields and whatever the transform drops', () => {
    const store = new Store<Pod>({ transform: (object) => ({ ...object, spec: { ...object.spec, ports: [] } }) });
    const big = pod('a', 1);
    Object.assign(big.metadata, { managedFields: [{ manager: 'kubectl' }] });
    store.set(big);
    expect(store.get('acme/a')?.metadata).not.toHaveProperty('managedFields');
    expect(store.get('acme/a')?.spec.ports).toEqual([]);
  });

  it('does not let a reader change what is kept, unless it is told to trust readers', () => {
    const store = new Store<Pod>();
    store.set(pod('a', 1));
    expect(() => store.get('acme/a')!.spec.ports.push(1)).toThrow(TypeError);
    const trusting = new Store<Pod>({ freeze: false });
    trusting.set(pod('a', 1));
    expect(trusting.get('acme/a')!.spec.ports.push(1)).toBe(2);
  });
});
