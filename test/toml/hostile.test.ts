import { expect, it, vi } from 'vitest';
import { attacks, mutated, originals, randomOf, weakness } from './hostile.ts';

// Thousands of cases, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

it('real files with random changes become an App or an error with a place', () => {
  const [files, random] = [originals(), randomOf(1)];
  for (let count = 0; count < 1500; count++) {
    const file = mutated(files[Math.floor(random() * files.length)]!, random);
    expect(weakness(file), JSON.stringify(file)).toBeUndefined();
  }
});

it.each(Object.keys(attacks))('%s does no harm', (name) => {
  expect(weakness(attacks[name]!)).toBeUndefined();
});
