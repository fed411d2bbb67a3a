import { printTable, spread, spreadHead } from '../measure/figures.ts';
import type { Bench } from './bench.ts';
import { BenchApp } from './bench-app.ts';
import type { Mode } from './first-byte.ts';
import { type Timed, throughGate, withoutGate } from './wakes.ts';

const wakes = Number(process.env.AIRFIELD_BENCH_WAKES ?? 50);
const modes: readonly Mode[] = ['http', 'tcp'];

/** One machine is woken again and again: by requests, by connections, and by hand, in turns. */
export async function cold(bench: Bench): Promise<void> {
  const app = await BenchApp.start(bench, 'cold');
  const times: Record<Mode | 'floor', Timed[]> = { http: [], tcp: [], floor: [] };
  for (let round = 0; round < wakes; round++) {
    for (const mode of modes) times[mode].push(await asleepAfter(app, throughGate(bench, app, mode)));
    times.floor.push(await asleepAfter(app, withoutGate(bench, app, 'http')));
  }
  const rows = (title: string, of: (timed: Timed) => number) =>
    modes.map((mode) => [`${title}, ${mode}`, ...spread(times[mode].map(of))]);
  const floor = (of: (timed: Timed) => number) => spread(times.floor.map(of));
  printTable(
    `Cold start: one machine, ${wakes} wakes each`,
    ['', ...spreadHead],
    [
      ...rows('first byte since the port accepts', ({ at, acceptedAt }) => at - acceptedAt),
      ...rows('first byte since the program listens', ({ at, openAt }) => at - openAt),
      ...rows('whole', ({ at, from }) => at - from),
      ['floor: by hand until the port accepts', ...floor(({ at, from }) => at - from)],
      ['floor: by hand until the program listens', ...floor(({ openAt, from }) => openAt - from)],
    ],
  );
  await app.remove();
}

async function asleepAfter(app: BenchApp, wake: Promise<Timed>): Promise<Timed> {
  const timed = await wake;
  await app.sleeps();
  return timed;
}
