import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childName, type WorkloadIdentity, workloadName } from '../../src/desired/names.ts';

const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
const valid = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

describe('names of children', () => {
  it('are plain where that is clear', () => {
    expect(childName('hello')).toBe('hello');
    expect(childName('hello', 'flycast')).toBe('hello-flycast');
    expect(childName('my-app', 'flycast')).toBe('my-app-flycast');
  });

  it('are valid names of at most 63 characters, and no two lists of parts share one', () => {
    const parts = fc.tuple(label, fc.array(label, { maxLength: 2 }));
    fc.assert(
      fc.property(parts, parts, ([app, rest], [otherApp, otherRest]) => {
        const name = childName(app, ...rest);
        expect(name).toMatch(valid);
        expect(name.length).toBeLessThanOrEqual(63);
        const same = JSON.stringify([app, rest]) === JSON.stringify([otherApp, otherRest]);
        const lone = rest.length === 0 || otherRest.length === 0;
        expect(same || lone || name !== childName(otherApp, ...otherRest)).toBe(true);
      }),
    );
  });
});

describe('names of workloads', () => {
  const identity = fc.record<WorkloadIdentity>({
    group: label,
    region: fc.option(fc.oneof(label, fc.constantFrom('green', 'canary')), { nil: undefined }),
    slot: fc.constantFrom('blue', 'green'),
    role: fc.constantFrom('machines', 'canary'),
  });
  const usual = { slot: 'blue', role: 'machines' } as const;

  it('are plain for the machines of a group', () => {
    expect(workloadName('hello', { ...usual, group: 'worker' })).toBe('hello-worker');
  });

  it('tell App `a` with group `b-c` from App `a-b` with group `c`', () => {
    expect(workloadName('a', { ...usual, group: 'b-c' })).not.toBe(workloadName('a-b', { ...usual, group: 'c' }));
  });

  it('are valid, leave room for what a StatefulSet appends, and belong to one workload only', () => {
    const workload = fc.tuple(label, identity);
    fc.assert(
      fc.property(workload, workload, ([app, one], [otherApp, other]) => {
        const name = workloadName(app, one);
        expect(name).toMatch(valid);
        expect(name.length).toBeLessThanOrEqual(52);
        const parts = (of: string, { group, region, slot, role }: WorkloadIdentity) =>
          JSON.stringify([of, group, region ?? null, slot, role]);
        expect(parts(app, one) === parts(otherApp, other) || name !== workloadName(otherApp, other)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('keep their hash for ever, because a changed name is a second workload', () => {
    expect(workloadName('a', { ...usual, group: 'b-c' })).toBe('a-b-c-7b991367');
  });
});
