import { beforeEach, describe, expect, it } from 'vitest';
import { type ColdStart, ColdStarts, type Part, parts } from '../../src/gate/cold-starts.ts';
import { createGateMetrics } from '../../src/gate/metrics.ts';
import { ManualClock } from '../kube/time.ts';

let clock: ManualClock;
let seen: ColdStart[];
let coldStarts: ColdStarts;

beforeEach(() => {
  clock = new ManualClock();
  seen = [];
  coldStarts = new ColdStarts((coldStart) => seen.push(coldStart), clock);
});

/** These parts end, each so many milliseconds after the one before. */
async function end(...steps: [part: Part, ms: number][]): Promise<void> {
  for (const [part, ms] of steps) {
    await clock.advance(ms);
    coldStarts.ended('r', part);
  }
}

describe('a cold start', () => {
  it('is made of its parts', async () => {
    coldStarts.asked('r');
    await end(['wake', 10], ['schedule', 100], ['start', 1000]);
    coldStarts.asked('r');
    await end(['start', 5], ['dial', 5], ['serve', 3], ['serve', 100]);
    expect(seen).toEqual([{ route: 'r', wake: 10, schedule: 100, start: 1000, dial: 10, serve: 3, total: 1123 }]);
  });

  it.each<[string, [Part, number][], Partial<ColdStart>]>([
    [
      'not seen',
      [
        ['wake', 10],
        ['dial', 50],
        ['serve', 1],
      ],
      { schedule: 0, start: 0, dial: 50, total: 61 },
    ],
    [
      'seen late',
      [
        ['schedule', 10],
        ['wake', 5],
        ['start', 20],
        ['serve', 1],
      ],
      { wake: 15, schedule: 0, start: 20 },
    ],
  ])('gives the time of what was %s to the part that was seen', async (_, steps, expected) => {
    coldStarts.asked('r');
    await end(...steps);
    expect(seen).toMatchObject([expected]);
    expect(parts.reduce((sum, part) => sum + (seen[0]?.[part] ?? 0), 0)).toBe(seen[0]?.total);
  });

  it('is none where no machine was asked for, where nobody waits, and where all have given up', async () => {
    coldStarts.asked('r');
    await end(['start', 10], ['serve', 10]);
    await end(['wake', 10], ['serve', 10]);
    coldStarts.asked('r');
    await end(['wake', 10]);
    coldStarts.forget('r');
    await end(['serve', 10]);
    expect(seen).toEqual([]);
  });

  it('is told by part', async () => {
    const load = { machines: [], routes: [] };
    const nothing = { held: new Map(), load, traffic: [], loads: 0, isRunning: true, routes: 0, problems: 0 };
    const metrics = createGateMetrics(() => Promise.resolve(nothing));
    metrics.coldStarted({
      route: 'acme.web.20000',
      wake: 10,
      schedule: 20,
      start: 30,
      dial: 40,
      serve: 50,
      total: 150,
    });
    metrics.held('acme.web.20000');
    const text = await metrics.text();
    const sums = [...text.matchAll(/^airfield_cold_start_seconds_sum\{part="(\w+)"\} (\S+)$/gm)];
    expect(sums.map(([, part, sum]) => `${part} ${sum}`)).toEqual([
      'wake 0.01',
      'schedule 0.02',
      'start 0.03',
      'dial 0.04',
      'serve 0.05',
      'total 0.15',
    ]);
    expect(text).toContain('airfield_gate_held_total{route="acme.web.20000",namespace="acme",app="web"} 1');
    expect(text).toContain('airfield_gate_cold_starts_total{namespace="acme",app="web"} 1');
    expect(text).toContain('airfield_gate_cold_start_seconds_total{namespace="acme",app="web"} 0.15');
  });
});
