/**
 * `npm run bench -- steady [--apps 10000] [--seconds 300]`: so many Apps of which none changes: what the operator writes,
 * its CPU and how its memory grows; beside a process that watches the same at the same time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { sizesFrom } from './measure/options.ts';
import { type Row, record } from './measure/record.ts';
import { BenchCluster } from './operator/cluster.ts';
import { OperatorProcess } from './operator/operator-process.ts';
import { calm, fill } from './operator/present.ts';
import { totalOf } from './operator/starting.ts';
import { WatcherProcess } from './operator/watcher-process.ts';

const { sizes, isKept } = sizesFrom({ apps: 10_000, seconds: 300 });

await BenchCluster.with(sizes.apps, async (cluster) => {
  await fill(cluster, sizes.apps);
  const operator = await OperatorProcess.start(cluster.kubeconfig);
  const watcher = await WatcherProcess.start(cluster.kubeconfig);
  try {
    await operator.hasLookedAt(sizes.apps);
    await calm(cluster);
    const state = async () => ({
      writes: totalOf(await cluster.writes()),
      operator: { cpu: operator.cpuSeconds, memory: operator.memory.now, heap: await operator.heapMb() },
      watcher: { cpu: watcher.cpuSeconds, memory: watcher.memory.now },
    });
    const before = await state();
    await sleep(sizes.seconds * 1000);
    record('steady', rows(before, await state()), isKept);
  } finally {
    await watcher.stop();
    await operator.stop();
  }
});

interface State {
  readonly writes: number;
  readonly operator: { readonly cpu: number; readonly memory: number; readonly heap: number };
  readonly watcher: { readonly cpu: number; readonly memory: number };
}

function rows(before: State, after: State): Row[] {
  const share = (who: 'operator' | 'watcher') =>
    `${((100 * (after[who].cpu - before[who].cpu)) / sizes.seconds).toFixed(2)} %`;
  const growth = (from: number, to: number) => `${from.toFixed(0)} to ${to.toFixed(0)} MB`;
  const of = ({ operator, watcher }: State) => [operator.memory, watcher.memory] as const;
  const [memory, floor] = [0, 1].map((which) => growth(of(before)[which] ?? 0, of(after)[which] ?? 0));
  return [
    { what: `${sizes.apps} Apps for ${sizes.seconds} s: writes`, figure: `${after.writes - before.writes}`, goal: '0' },
    {
      what: '– CPU, of a core (floor: the watches alone)',
      figure: share('operator'),
      floor: share('watcher'),
      goal: '1 %',
    },
    { what: '– memory', figure: `${memory}`, floor: `${floor}`, goal: 'the same' },
    { what: '– heap in use', figure: growth(before.operator.heap, after.operator.heap), goal: 'the same' },
  ];
}
