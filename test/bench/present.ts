/**
 * `npm run bench -- present [--apps 10000] [--turns 3] [--seconds 300] [--profile FOLDER]`: so many Apps that are as they should be.
 * `start`: the operator starts: time until it sees them and has looked at each, writes, memory; beside a process that lists the
 * same objects. `steady`: nothing changes: what it writes, its CPU and how its memory grows; beside a process that watches
 * the same at the same time.
 */
import { median } from './measure/figures.ts';
import { sizesFrom } from './measure/options.ts';
import { printProfile } from './measure/profile.ts';
import { type Row, record } from './measure/record.ts';
import { BenchCluster } from './operator/cluster.ts';
import { fill } from './operator/filling.ts';
import { type Listed, list, type Started, start } from './operator/starting.ts';
import { type State, stay } from './operator/staying.ts';

const { sizes, isKept } = sizesFrom({ apps: 10_000, turns: 3, seconds: 300 });

await BenchCluster.with(sizes.apps, async (cluster) => {
  await fill(cluster, sizes.apps);
  const operator: Started[] = [];
  const floor: Listed[] = [];
  for (let turn = 0; turn < sizes.turns; turn++) {
    operator.push(await start(cluster, sizes.apps));
    floor.push(await list(cluster));
  }
  record('start', startRows(operator, floor), isKept);
  printProfile();
  record('steady', steadyRows(...(await stay(cluster, sizes.apps, sizes.seconds))), isKept);
});

function startRows(operator: readonly Started[], floor: readonly Listed[]): Row[] {
  const of = (value: (run: Started) => number) => median(operator.map(value));
  const [seesMs, floorMs] = [of((run) => run.seesMs), median(floor.map(({ ms }) => ms))];
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const megabytes = (value: number) => `${value.toFixed(0)} MB`;
  return [
    {
      what: `${sizes.apps} Apps: start until it sees all (floor: the lists alone)`,
      figure: seconds(seesMs),
      floor: seconds(floorMs),
      times: (seesMs / floorMs).toFixed(2),
      goal: '30 s, 1.5 times',
    },
    { what: '– until it has looked at each', figure: seconds(of((run) => run.allMs)) },
    {
      what: '– CPU until then',
      figure: seconds(1000 * of((run) => run.cpuSeconds)),
      floor: seconds(1000 * median(floor.map(({ cpuSeconds }) => cpuSeconds))),
    },
    { what: '– writes', figure: `${of((run) => run.writes)}`, goal: '0' },
    {
      what: '– most memory (floor: all that is listed)',
      figure: megabytes(of((run) => run.peakMb)),
      floor: megabytes(median(floor.map(({ peakMb }) => peakMb))),
      goal: '300 MB',
    },
    { what: '– most memory for each App', figure: `${((1000 * of((run) => run.peakMb)) / sizes.apps).toFixed(1)} kB` },
  ];
}

function steadyRows(before: State, after: State): Row[] {
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
