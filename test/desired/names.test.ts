import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childName } from '../../src/desired/names.ts';

const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);

describe('names of children', () => {
  it('are plain where that is clear', () => {
    expect(childName('hello')).toBe('hello');
    expect(childName('hello', 'worker')).toBe('hello-worker');
    expect(childName('my-app', 'worker')).toBe('my-app-worker');
  });

  it('tell App `a` with group `b-c` from App `a-b` with group `c`', () => {
    expect(childName('a', 'b-c')).not.toBe(childName('a-b', 'c'));
  });

  it('are valid names of at most 63 characters, and no two lists of parts share one', () => {
    const parts = fc.tuple(label, fc.array(label, { maxLength: 2 }));
    fc.assert(
      fc.property(parts, parts, ([app, rest], [otherApp, otherRest]) => {
        const name = childName(app, ...rest);
        expect(name).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
        const same = JSON.stringify([app, rest]) === JSON.stringify([otherApp, otherRest]);
        const lone = rest.length === 0 || otherRest.length === 0;
        expect(same || lone || name !== childName(otherApp, ...otherRest)).toBe(true);
      }),
    );
  });

  it('keep their hash for ever, because a changed name is a second workload', () => {
    expect(childName('a', 'b-c')).toBe('a-b-c-a00226e4');
  });
});
