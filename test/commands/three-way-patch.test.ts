import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFields, lastAppliedAnnotation, lastAppliedOf, threeWayPatch } from '../../src/commands/three-way-patch.ts';

/** RFC 7386, section 2, as the API server does it. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const result = new Map(Object.entries(isFields(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else result.set(key, merged(result.get(key), value));
  }
  return Object.fromEntries(result);
}

const fields = fc.object({ values: [fc.string(), fc.integer(), fc.boolean()] }) as fc.Arbitrary<
  Record<string, unknown>
>;

describe('the patch of a client-side apply', () => {
  it('makes of what was applied last what is wanted', () => {
    fc.assert(
      fc.property(fields, fields, (last, wanted) => {
        expect(merged(last, threeWayPatch(last, wanted))).toEqual(wanted);
      }),
    );
  });

  it('leaves alone what others have added', () => {
    const live = { image: 'x:1', count: 3, env: { A: '1', B: '2', theirs: 'x' } };
    const patch = threeWayPatch({ image: 'x:1', env: { A: '1', B: '2' } }, { image: 'x:2', env: { A: '1' } });
    expect(merged(live, patch)).toEqual({ image: 'x:2', count: 3, env: { A: '1', theirs: 'x' } });
  });
});

describe('what was applied last', () => {
  it('is read from the annotation', () => {
    expect(lastAppliedOf({ [lastAppliedAnnotation]: '{"spec":{}}' })).toEqual({ spec: {} });
  });

  it.each([undefined, {}, { [lastAppliedAnnotation]: '{' }, { [lastAppliedAnnotation]: '[]' }])(
    'is unknown with %j',
    (annotations) => {
      expect(lastAppliedOf(annotations)).toBeUndefined();
    },
  );
});
