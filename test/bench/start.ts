/**
 * `npm run bench -- start [--apps 10000] [--turns 3] [--profile FOLDER]`: the operator starts where so many Apps are as they
 * should be: time until it sees them and has looked at each, writes, memory; beside a process that lists the same objects.
 */
import { median } from './measure/figures.ts';
import { sizesFrom } from './measure/options.ts';
import { printProfile } from './measure/profile.ts';
import { type Row, record } from './measure/record.ts';
import { BenchCluster } from './operator/cluster.ts';
import { fill } from './operator/present.ts';
import { type Listed, list, type Started, start } from './operator/starting.ts';

const { sizes, isKept } = sizesFrom({ apps: 10_000, turns: 3 });

await BenchCluster.with(sizes.apps, async (cluster) => {
  await fill(cluster, sizes.apps);
  const operator: Started[] = [];
  const floor: Listed[] = [];
  for (let turn = 0; turn < sizes.turns; turn++) {
    operator.push(await start(cluster, sizes.apps));
    floor.push(await list(cluster));
  }
  record('start', rows(operator, floor), isKept);
  printProfile();
});

function rows(operator: readonly Started[], floor: readonly Listed[]): Row[] {
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
