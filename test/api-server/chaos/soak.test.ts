import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seeded } from '../../random.ts';
import { faults, staying } from './faults.ts';
import { figures, leastIn, type Sample, sampleOf, slopeOf } from './samples.ts';
import { mixedEdit } from './workload.ts';
import { ChaosWorld } from './world.ts';

/** `npm run chaos:soak`: for so many minutes; SOAK_SEED=7 before it draws the changes and faults of that seed again. */
const minutes = Number(process.env.SOAK_MINUTES ?? 0);
const seed = Number(process.env.SOAK_SEED ?? Date.now() % 2 ** 31);
const random = seeded(seed);
const editsPerSecond = 20;
const faultEveryMs = 45_000;
const sampleEveryMs = 5000;

let world: ChaosWorld;
beforeAll(async () => {
  if (minutes > 0) world = await ChaosWorld.create(random);
}, 240_000);
afterAll(() => world?.stop());

it.runIf(minutes > 0)(
  `one operator takes no more and more through ${minutes} minutes of changes and faults (SOAK_SEED=${seed})`,
  { timeout: (minutes + 15) * 60_000 },
  async () => {
    const began = performance.now();
    const minute = () => (performance.now() - began) / 60_000;
    const isOver = () => minute() >= minutes;
    const samples: Sample[] = [];
    const told = { edits: 0, refused: 0, faults: 0 };

    const editing = async () => {
      const under = new Set<Promise<unknown>>();
      for (let due = performance.now(); !isOver(); due += 1000 / editsPerSecond) {
        await sleep(Math.max(0, due - performance.now()));
        // Where the API server is away, as many wait as would in a minute and no more.
        if (under.size >= 60 * editsPerSecond) continue;
        told.edits++;
        const edit = mixedEdit(world.client, world.namespace, random).catch(() => void told.refused++);
        under.add(edit);
        void edit.finally(() => under.delete(edit));
      }
      await Promise.all(under);
    };
    const troubling = async () => {
      for (;;) {
        await sleep(Math.min(faultEveryMs, Math.max(0, (minutes - 1 - minute()) * 60_000)));
        if (minute() >= minutes - 1) return;
        const name = staying[Math.floor(random() * staying.length)] ?? '';
        told.faults++;
        console.log(`${minute().toFixed(1)} min: ${name}`);
        await faults[name]?.(world, random);
        // Each time, as the log of 30 minutes is too long to be read at once.
        expect(await world.commandsRunTwice()).toEqual([]);
      }
    };
    const sampling = async () => {
      for (; !isOver(); await sleep(sampleEveryMs)) samples.push(await sampleOf(world.operator, minute()));
    };
    await Promise.all([editing(), troubling(), sampling()]);
    await world.isRight();
    // The least of a time is what stays when garbage is gone.
    const [early, late] = [leastIn(samples, 0.25, 0.5), leastIn(samples, 0.75, 1)];
    console.log(`${told.edits} changes, ${told.refused} refused, ${told.faults} faults in ${minutes} minutes`);
    for (const figure of figures) {
      const slope = slopeOf(samples, figure).toFixed(2);
      console.log(`${figure}: ${early[figure]} in the second quarter, ${late[figure]} in the last; ${slope} a minute`);
    }
    expect(late.heapMb).toBeLessThan(1.25 * early.heapMb);
    expect(late.descriptors).toBeLessThanOrEqual(early.descriptors + 8);
    expect(late.sockets).toBeLessThanOrEqual(early.sockets + 8);
    await world.isAtRest();
    expect(await world.commandsRunTwice()).toEqual([]);
  },
);
