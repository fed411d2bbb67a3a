import { memoryUsage } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SharedStrings } from '../../src/kube/shared-strings.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

it('says the same as before, whatever it is', () => {
  const strings = new SharedStrings();
  const isSame = fc.property(fc.json(), (json) => {
    expect(strings.in(JSON.parse(json))).toEqual(JSON.parse(json));
  });
  fc.assert(isSame);
});

it('takes the memory of one for many equal strings, and forgets those that are not met any more', () => {
  const strings = new SharedStrings();
  const text = JSON.stringify({ labels: { app: 'an-app-with-a-long-name', of: 'a-namespace-with-a-long-name' } });
  const bytes = (keep: () => unknown[]) => {
    collect();
    const before = memoryUsage().heapUsed;
    const kept = keep();
    collect();
    const used = memoryUsage().heapUsed - before;
    return kept.length > 0 ? used : 0;
  };
  const many = (one: () => unknown) => () => Array.from({ length: 10_000 }, one);
  const plain = bytes(many(() => JSON.parse(text)));
  const shared = bytes(many(() => strings.in(JSON.parse(text))));
  expect(shared).toBeLessThan(0.8 * plain);
  const forgotten = bytes(() => {
    for (let number = 0; number < 10_000; number++) strings.in([`passing-${number}-${'x'.repeat(80)}`]);
    return [strings];
  });
  expect(forgotten).toBeLessThan(200_000);
});
