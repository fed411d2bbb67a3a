/**
 * `npm run bench -- growth [--least 100] [--most 10000]`: what converging, being there and starting cost for each App, with ten
 * times as many Apps each time.
 */
import { sizesFrom } from './measure/options.ts';
import { type Row, record } from './measure/record.ts';
import { BenchCluster } from './operator/cluster.ts';
import { type Converged, convergeWith } from './operator/converging.ts';
import { calm } from './operator/filling.ts';
import { OperatorProcess } from './operator/operator-process.ts';
import { type Listed, list, type Started, start } from './operator/starting.ts';
import { learnTemplate } from './operator/template.ts';

const { sizes, isKept } = sizesFrom({ least: 100, most: 10_000 });

const rows: Row[] = [];
for (let apps = sizes.least; apps <= sizes.most; apps *= 10) rows.push(...rowsOf(apps, await measure(apps)));
record('growth', rows, isKept);

interface Measured {
  readonly converged: Converged;
  readonly started: Started;
  readonly listed: Listed;
}

function measure(apps: number): Promise<Measured> {
  return BenchCluster.with(apps, async (cluster) => {
    const template = await learnTemplate(cluster);
    const operator = await OperatorProcess.start(cluster.kubeconfig);
    await operator.leads();
    const converged = await convergeWith(operator, cluster, apps, template);
    await cluster.readyAll(apps);
    await calm(cluster);
    await operator.stop();
    return { converged, started: await start(cluster, apps), listed: await list(cluster) };
  });
}

function rowsOf(apps: number, { converged, started, listed }: Measured): Row[] {
  const perApp = (value: number, unit: string) => `${(value / apps).toFixed(2)} ${unit} for each`;
  return [
    { what: `${apps} Apps: made at once`, figure: perApp(converged.ms, 'ms') },
    { what: '– CPU of the operator', figure: perApp(1000 * converged.cpuSeconds, 'ms') },
    { what: '– writes', figure: perApp(converged.writes, '') },
    { what: '– start until it sees all', figure: perApp(started.seesMs, 'ms'), floor: perApp(listed.ms, 'ms') },
    {
      what: '– CPU of the start',
      figure: perApp(1000 * started.cpuSeconds, 'ms'),
      floor: perApp(1000 * listed.cpuSeconds, 'ms'),
    },
    {
      what: '– most memory after the start',
      figure: perApp(1000 * started.peakMb, 'kB'),
      floor: perApp(1000 * listed.peakMb, 'kB'),
    },
  ];
}
