import { printTable, spread, spreadHead } from '../measure/figures.ts';
import type { Bench } from './bench.ts';
import { BenchApp } from './bench-app.ts';
import { type Timed, throughGate, withoutGate } from './wakes.ts';

const counts = (process.env.AIRFIELD_BENCH_TOGETHER ?? '25,100').split(',').map(Number);

/** Many Apps are woken in the same moment, by a request to each of them, and by hand. */
export async function together(bench: Bench): Promise<void> {
  for (const count of counts) {
    const names = Array.from({ length: count }, (_, index) => `app-${count}-${index}`);
    const apps: BenchApp[] = [];
    for (const name of names) apps.push(await BenchApp.start(bench, name));
    const gates = await all(apps, (app) => throughGate(bench, app, 'http'));
    const floor = await all(apps, (app) => withoutGate(bench, app, 'http'));
    const row = (title: string, timed: readonly Timed[], of: (timed: Timed) => number) => [
      title,
      ...spread(timed.map(of)),
      `${count - timed.length}`,
    ];
    printTable(
      `${count} Apps woken at once`,
      ['', ...spreadHead, 'lost'],
      [
        row('first byte since the request', gates, ({ at, from }) => at - from),
        row('floor: by hand until the port accepts', floor, ({ at, from }) => at - from),
        row('first byte since the port accepts', gates, ({ at, acceptedAt }) => at - acceptedAt),
        row('first byte since the program listens', gates, ({ at, openAt }) => at - openAt),
      ],
    );
    for (const app of apps) await app.remove();
  }
}

/** All at once; those that were lost say why and are left out. */
async function all(apps: readonly BenchApp[], wake: (app: BenchApp) => Promise<Timed>): Promise<Timed[]> {
  const results = await Promise.allSettled(apps.map(wake));
  for (const result of results) if (result.status === 'rejected') console.log(`  lost: ${result.reason.message}`);
  await Promise.all(apps.map((app) => app.sleeps()));
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
