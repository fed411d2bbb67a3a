import { beforeAll, describe, expect, it } from 'vitest';
import { readApp } from '../../../src/api/read-app.ts';
import { installCrd, verdict } from './app-verdict.ts';

beforeAll(installCrd);

const metadata = { name: 'hello', namespace: 'acme', uid: 'u', generation: 1 };
const understood = (spec: object) => !('problem' in readApp({ metadata, spec: { image: 'x:1', ...spec } }));

/** The API server is written in Go, where text is measured and matched in other ways than in JavaScript. */
describe('what the API server takes is understood by the operator', () => {
  it.each([
    ['as long as may be, of letters with two units each', '😀'.repeat(32_768), true],
    ['longer', '😀'.repeat(32_769), false],
  ])('a value %s', async (_, value, isTaken) => {
    expect((await verdict({ env: { A: value } })) === 'accepted').toBe(isTaken);
    expect(understood({ env: { A: value } })).toBe(isTaken);
  });

  it.each(['\ufeff', '\u00a0', '\u2028', '\u3000', '\u0085', ' ', '\n', 'ä'])(
    'no image with %j in it, which one of them might take for a blank',
    async (letter) => {
      for (const image of [letter, `x${letter}`, `x${letter}y`]) {
        expect(await verdict({ image })).toContain('spec.image');
        expect(understood({ image })).toBe(false);
      }
    },
  );
});
