import { expect, it } from 'vitest';
import { soak } from './soak.ts';

const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31));

it(`keeps the store equal to the server's truth through 150 random faults (SOAK_SEED=${seed})`, async () => {
  const result = await soak({ seed, isOver: (step) => step >= 150 });
  expect(result.relists).toBeGreaterThan(0);
  expect(result.restarts).toBeGreaterThan(result.relists);
}, 60_000);
