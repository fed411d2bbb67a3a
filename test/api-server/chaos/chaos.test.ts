import { afterAll, beforeAll, expect, it } from 'vitest';
import { seeded } from '../../random.ts';
import { faults } from './faults.ts';
import { edit } from './workload.ts';
import { ChaosWorld } from './world.ts';

// Each fault once. `npm run chaos` draws 100 more; CHAOS_SEED=7 before it draws those of that seed again, CHAOS_ROUNDS so many.
const rounds = Number(process.env.CHAOS_ROUNDS ?? 0);
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31);
const random = seeded(seed);
const names = Object.keys(faults);
const drawn = Array.from({ length: rounds }, () => names[Math.floor(random() * names.length)] ?? '');

let world: ChaosWorld;
beforeAll(async () => {
  world = await ChaosWorld.create(random);
}, 240_000);
afterAll(() => world?.stop());

it.each([...names, ...drawn])(
  `comes to what is desired though %s (CHAOS_SEED=${seed})`,
  { timeout: 400_000 },
  async (name) => {
    let isOver = false;
    const people = async () => {
      while (!isOver) {
        // They try again, too, where the API server is away.
        await edit(world.client, world.namespace, random).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 300 * random()));
      }
    };
    const editing = people();
    await faults[name]?.(world, random);
    isOver = true;
    await editing;
    const began = performance.now();
    await world.isRight();
    console.log(`${name}: as it should be ${((performance.now() - began) / 1000).toFixed(1)} s afterwards`);
    await world.isAtRest();
    expect(await world.commandsRunTwice()).toEqual([]);
  },
);
