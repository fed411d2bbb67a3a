import { expect, it, vi } from 'vitest';
import { seeded } from '../random.ts';
import { attacks, mutated, originals, weakness } from './hostile.ts';

// Thousands of cases, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

it.each(['file', 'overlay', 'patch'] as const)('real files with random changes do no harm as %s', (as) => {
  const [files, random] = [originals(), seeded(1)];
  for (let count = 0; count < 700; count++) {
    const file = mutated(files[Math.floor(random() * files.length)]!, random);
    expect(weakness(file, as), JSON.stringify(file)).toBeUndefined();
  }
});

it.each(Object.keys(attacks))('%s does no harm', (name) => {
  expect(weakness(attacks[name]!)).toBeUndefined();
});
