import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { Release } from '../../src/api/release.ts';
import { historyOf } from '../../src/release/history.ts';
import { planOf } from '../../src/release/plan.ts';
import type { AppSecret } from '../../src/release/secrets.ts';
import { anApp } from '../desired/app-fixture.ts';

const now = new Date('2026-01-01T00:00:00Z');
const secret = (digest: string, more: Partial<AppSecret> = {}): AppSecret => ({
  name: 'hello',
  digest,
  keys: ['A'],
  staged: false,
  ...more,
});
const complete = (release: Release): Release => ({ ...release, journal: { ...release.journal, phase: 'complete' } });
const asked = (releases: readonly Release[], secrets: AppSecret[] | undefined, spec: Partial<AppSpecInput> = {}) =>
  historyOf(anApp(spec), { releases, secrets }, now);
const [first] = asked([], [secret('1')]).releases.map(complete) as [Release];

describe('a release', () => {
  it('is made by a new value, and by a Secret that comes or goes', () => {
    expect(asked([first], [secret('1')]).current).toBe(first);
    expect(asked([first], [secret('2')]).current.version).toBe(2);
    expect(asked([first], []).current.version).toBe(2);
    const more = [secret('1'), secret('1', { name: 'more', keys: ['B'] })];
    expect(asked([first], more).current.version).toBe(2);
  });

  it('is not made by what is staged, but has it when it is made for another reason', () => {
    const staged = [secret('2', { staged: true })];
    expect(asked([first], staged).current).toBe(first);
    const { current } = asked([first], staged, { env: { X: '1' } });
    expect(current).toMatchObject({ version: 2, spec: { secrets: [{ name: 'hello', digest: '2' }] } });
    expect(asked([first, complete(current)], staged, { env: { X: '1' } }).current.version).toBe(2);
  });

  it('is not made by a Secret that is new and staged', () => {
    const all = [secret('1'), secret('1', { name: 'later', keys: ['B'], staged: true })];
    expect(asked([first], all).current).toBe(first);
  });

  it('is made of what was staged as soon as it is not any more', () => {
    expect(asked([first], [secret('2')]).current.spec.secrets).toMatchObject([{ digest: '2' }]);
  });

  it('that goes back has the machines of then and the values of today', () => {
    const second = complete(asked([first], [secret('2')], { env: { X: '1' } }).current);
    const { current } = asked([first, second], [secret('2')], { env: { X: '1' }, deploy: { rollbackTo: 1 } });
    expect(current).toMatchObject({ rollbackOf: 1, spec: { env: {}, secrets: [{ digest: '2' }] } });
  });
});

describe('while it cannot be said which secrets an App has', () => {
  it('no release is made, and the one that is on its way goes on', () => {
    const { current, serving } = asked([first], undefined, { env: { X: '1' } });
    expect([current, serving]).toEqual([first, first]);
    const second = asked([first], [secret('2')]).current;
    expect(asked([first, second], undefined)).toMatchObject({ current: { version: 2 }, serving: { version: 1 } });
  });

  it('what was given up stays so', () => {
    const second = asked([first], [secret('2')]).current;
    const givenUp: Release = { ...second, journal: { ...second.journal, phase: 'superseded' } };
    expect(asked([first, givenUp], undefined).current).toBe(first);
  });

  it('machines of what serves are still seen to', () => {
    const observed = { releases: [first], workloads: [], job: undefined, checks: [], pods: [], secrets: undefined };
    const plan = planOf(anApp({ env: { X: '1' } }), observed, now);
    expect(plan.workloads.map(({ release }) => release.version)).toEqual([1]);
    expect(plan.releases).toEqual([first]);
  });
});
