import { describe, expect, it } from 'vitest';
import { Settling } from '../../src/controller/settling.ts';
import type { ReleasePlan } from '../../src/release/plan.ts';

describe('an App that is being edited', () => {
  it('settles half a second after its last change', () => {
    let now = 0;
    const settling = new Settling(() => now);
    expect(settling.leftOf('acme/hello', 'one')).toBe(500);
    now = 400;
    expect(settling.leftOf('acme/hello', 'one')).toBe(100);
    expect(settling.leftOf('acme/hello', 'two')).toBe(500);
    now = 900;
    expect(settling.leftOf('acme/hello', 'two')).toBe(0);
  });

  it('is not held up by another one, nor by what was before it was deleted', () => {
    let now = 0;
    const settling = new Settling(() => now);
    settling.leftOf('acme/hello', 'one');
    now = 300;
    expect(settling.leftOf('acme/other', 'one')).toBe(500);
    expect(settling.leftOf('acme/hello', 'one')).toBe(200);
    settling.forget('acme/hello');
    expect(settling.leftOf('acme/hello', 'one')).toBe(500);
  });
});

describe('the next release of an App', () => {
  const app = { apiVersion: 'airfield.dev/v1alpha1', kind: 'App', metadata: { namespace: 'acme', name: 'hello' } };
  const plan = { current: { version: 2 } } as ReleasePlan;
  const leftFor = (released: number[], secrets: object[]) => {
    const revisions = new Map(released.map((version) => [version, {}])) as never;
    const caches = { secrets: { store: { byIndex: () => secrets } } } as never;
    return new Settling(() => 0).leftFor(app, plan, { revisions }, caches);
  };

  it('waits for Secrets that may come with it: the first one, and one that has had Secrets', () => {
    expect(leftFor([], [])).toBe(500);
    expect(leftFor([1], [{ metadata: { name: 'secret', namespace: 'acme' } }])).toBe(500);
  });

  it('waits but shortly where the App has none', () => {
    expect(leftFor([1], [])).toBe(100);
  });

  it('does not wait where it is made already', () => {
    expect(leftFor([1, 2], [])).toBe(0);
  });
});

describe('an App that has changed', () => {
  const at = (generation: number) => ({
    apiVersion: 'airfield.dev/v1alpha1',
    kind: 'App',
    metadata: { namespace: 'acme', name: 'hello', uid: 'a', generation },
  });
  const caches = (revisions: object[], secrets: object[] = []) =>
    ({ secrets: { store: { byIndex: () => secrets } }, revisions: { store: { byIndex: () => revisions } } }) as never;
  const plan = { current: { version: 1 } } as ReleasePlan;
  const released = { revisions: new Map([[1, {}]]) } as never;

  it('waits before anything is planned: long for its first release, shortly for any other change', () => {
    const settling = new Settling(() => 0);
    expect(settling.leftForChange(at(1), caches([]))).toBe(500);
    settling.leftFor(at(1), plan, released, caches([{}]));
    expect(settling.leftForChange(at(1), caches([{}]))).toBe(0);
    expect(settling.leftForChange(at(2), caches([{}]))).toBe(100);
  });

  it('does not wait after a start of the operator', () => {
    expect(new Settling(() => 0).leftForChange(at(1), caches([{}]))).toBe(0);
  });
});
