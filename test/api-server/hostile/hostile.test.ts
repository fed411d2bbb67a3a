import { afterAll, beforeAll, expect, it } from 'vitest';
import { seeded } from '../../random.ts';
import { bystanders } from './bystanders.ts';
import { hostileObject } from './objects.ts';
import { HostileWorld } from './world.ts';

// `npm run fuzz` writes 50,000 of them; FUZZ_SEED=7 before it writes those of that seed again, FUZZ_COUNT so many.
const count = Number(process.env.FUZZ_COUNT ?? 400);
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
/** Objects of one tenant: some of them of the same name, which then get in each other's way. */
const each = 100;

let world: HostileWorld;
beforeAll(async () => {
  world = await HostileWorld.create();
  await world.settle();
});
afterAll(() => world?.stop());

it(`does no harm, whatever tenants write (${count} objects, FUZZ_SEED=${seed})`, {
  timeout: 60_000 + count * 1000,
}, async () => {
  const random = seeded(seed);
  let accepted = 0;
  const harm: string[] = [];
  // A long run goes on after the first harm, for there may be others.
  for (let number = 0; number * each < count && harm.length < 20; number++) {
    const tenant = `tenant-${number}`;
    const isInTheWay = number % 2 === 1;
    await world.tenant(tenant, isInTheWay);
    const theirs = isInTheWay ? await bystanders(world.client, tenant) : [];
    const objects = Array.from({ length: each }, () => hostileObject(random, tenant));
    const answers = await Promise.all(objects.map((object) => world.write(object)));
    accepted += answers.filter((answer) => answer === undefined).length;
    await world.settled(tenant);
    // Each time, as the log of many objects is too long to be read at once.
    const done = [
      ...world.faults(),
      ...(await world.strayWrites((namespace) => /^(tenant-\d+|victim)$/.test(namespace))),
    ];
    for (const one of done) console.log(one);
    harm.push(...done);
    expect(isInTheWay ? await bystanders(world.client, tenant) : []).toEqual(theirs);
    await world.clear(tenant);
    if (number % 20 === 0) console.log(`${number * each + each} written, ${accepted} taken`);
  }
  expect(harm).toEqual([]);
  expect(accepted).toBeGreaterThan(count / 20);
  expect(await world.changedOfVictim()).toEqual([]);
  await world.healthyApp('after');
});
