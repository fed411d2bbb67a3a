import { expect, it, vi } from 'vitest';
import { attacks, mutated, originals, randomOf, weakness } from './hostile.ts';

// Thousands of cases, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

it.each(['file', 'overlay', 'patch'] as const)('real files with random changes do no harm as %s', (as) => {
  const [files, random] = [originals(), randomOf(1)];
  for (let count = 0; count < 700; count++) {
    const file = mutated(files[Math.floor(random() * files.length)]!, random);
    expect(weakness(file, as), JSON.stringify(file)).toBeUndefined();
  }
});

it.each(Object.keys(attacks))('%s does no harm', (name) => {
  expect(weakness(attacks[name]!)).toBeUndefined();
});
