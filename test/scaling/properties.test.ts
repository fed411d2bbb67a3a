import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/scaling/decide.ts';
import type { Held } from '../../src/scaling/held.ts';
import { groupLoad } from '../../src/scaling/load.ts';
import { aGroup, aLoad, aMachine, aRegion, aRoute, aWord, minute } from './group-fixture.ts';

interface Step {
  readonly seconds: number;
  /** Of the machines in turn. */
  readonly loads: readonly number[];
  readonly held: number;
  /** Whether all gates answer. */
  readonly isKnown: boolean;
}

interface Bounds {
  readonly count: number;
  readonly min: number;
}

const regionNames = ['iad', 'fra'];

/** Two regions, of which the first has a minimum, and what is decided about their machines as time passes. */
class World {
  readonly #bounds: Bounds;
  readonly #born = new Map<string, number>();
  #held: ReadonlyMap<string, Held> = new Map();
  #nowMs = 0;
  replicas: number[];
  readonly stops: { reason: string; load: number; step: Step }[] = [];
  /** What must never be. */
  readonly wrong: string[] = [];

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.replicas = [Math.max(1, bounds.min), 1];
  }

  pass(step: Step): void {
    for (let seconds = 0; seconds < step.seconds; seconds += 5) {
      this.#look(step);
      this.#nowMs += 5000;
    }
  }

  #look(step: Step): void {
    const { count, min } = this.#bounds;
    const group = aGroup(regionNames.map((_, index) => this.#region(index)));
    const names = group.regions.flatMap(({ machines }) => machines.map(({ name }) => name));
    const loads = names.map((name, index) => aLoad(name, step.loads[index % step.loads.length] ?? 0));
    const words = [aWord([aRoute(loads, { held: step.held })]), aWord(step.isKnown ? [aRoute([])] : undefined)];
    const load = groupLoad(group.limits, words);
    const decision = decide({ group, load, held: this.#held, stopAfterMs: 3 * minute, nowMs: this.#nowMs });
    this.#held = decision.held;
    if (decision.start) this.replicas[regionNames.indexOf(decision.start.region.workload)] = decision.start.replicas;
    for (const { region, machine, reason } of decision.stops) {
      this.replicas[regionNames.indexOf(region.workload)]! -= 1;
      this.stops.push({ reason, load: load.of(machine.name).total, step });
    }
    if (decision.start && decision.stops.length > 0) this.wrong.push('started and stopped at once');
    if (this.replicas.some((number) => number > count)) this.wrong.push('more than count');
    if ((this.replicas[0] ?? 0) < min) this.wrong.push('fewer than the minimum');
  }

  #region(index: number) {
    const workload = regionNames[index] ?? '';
    const { count, min } = this.#bounds;
    const running = this.replicas[index] ?? 0;
    const machines = Array.from({ length: count }, (_, number) => `${workload}-${number}`).flatMap((name, number) => {
      if (number >= running) this.#born.delete(name);
      else if (!this.#born.has(name)) this.#born.set(name, this.#nowMs);
      const ms = this.#nowMs - (this.#born.get(name) ?? 0);
      return number < running ? [aMachine(name, { ageMs: ms, upMs: ms })] : [];
    });
    return aRegion(machines, { kind: 'StatefulSet', workload, count, min: index === 0 ? min : 0 });
  }
}

const aStep = fc.record({
  seconds: fc.integer({ min: 1, max: 80 }).map((number) => number * 5),
  loads: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 })), { minLength: 1, maxLength: 4 }),
  held: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) }),
  isKnown: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
});
const someBounds = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 4 }))
  .map(([count, min]): Bounds => ({ count, min: Math.min(count, min) }));

/** After whatever has gone before, and then this. */
function afterAll(then: (bounds: Bounds) => readonly Step[], check: (world: World, bounds: Bounds) => void): void {
  const property = fc.property(fc.array(aStep, { maxLength: 12 }), someBounds, (steps, bounds) => {
    const world = new World(bounds);
    for (const step of [...steps, ...then(bounds)]) world.pass(step);
    check(world, bounds);
  });
  fc.assert(property, { numRuns: 80 });
}

describe('whatever the machines have to do', () => {
  it('as many run as have to, and no more than may', () => {
    afterAll(
      () => [],
      (world) => expect(world.wrong).toEqual([]),
    );
  });

  it('none is stopped while somebody waits, or while a gate does not answer', () => {
    afterAll(
      () => [],
      ({ stops }) => expect(stops.filter(({ step }) => !step.isKnown || step.held > 0)).toEqual([]),
    );
  });

  it('the last one of a region is never stopped while it has something to do', () => {
    afterAll(
      () => [],
      ({ stops }) => expect(stops.filter(({ reason, load }) => reason === 'idle' && load > 0)).toEqual([]),
    );
  });

  it('only as many as have to are left when nothing is to be done for long', () => {
    afterAll(
      ({ count }) => [{ seconds: 200 * (count + 1), loads: [0], held: 0, isKnown: true }],
      ({ replicas }, { min }) => expect(replicas).toEqual([min, 0]),
    );
  });

  it('all that may run do when all have too much to do for long', () => {
    afterAll(
      () => [{ seconds: 600, loads: [20], held: 0, isKnown: true }],
      // Where all were stopped gates start the first one.
      ({ replicas }, { count }) =>
        expect([
          [0, 0],
          [count, count],
        ]).toContainEqual(replicas),
    );
  });
});
