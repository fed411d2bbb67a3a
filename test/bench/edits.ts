/**
 * `npm run bench -- edits [--apps 5000] [--usual 20] [--rate 150] [--seconds 120] [--most 20] [--profile FOLDER]`: so many changes of
 * images a second, spread over so many Apps: from the edit until the Deployment has it, at a rate that two cores can bear and at
 * one that is asked for, and how many a second are possible; beside a bare client that writes the same as soon as it hears of
 * the edit.
 */
import { quantile } from './measure/figures.ts';
import { profileFolder, sizesFrom } from './measure/options.ts';
import { printProfile } from './measure/profile.ts';
import { type Row, record } from './measure/record.ts';
import { BenchCluster } from './operator/cluster.ts';
import { Editing } from './operator/editing.ts';
import { calm, fill } from './operator/filling.ts';
import { editFloor } from './operator/floor.ts';
import { OperatorProcess } from './operator/operator-process.ts';
import { totalOf } from './operator/starting.ts';
import { learnTemplate } from './operator/template.ts';

const { sizes, isKept } = sizesFrom({ apps: 5000, usual: 20, rate: 150, seconds: 120, most: 20 });
/** Edits that wait for their Deployments at the same time, where as many as possible are asked for: none of the same App. */
const together = Math.min(128, Math.ceil(sizes.apps / 2));

interface AtRate {
  readonly latencies: readonly number[];
  /** For each edit. */
  readonly writes: number;
  readonly cpuMs: number;
  readonly serverMs: number;
}

interface Edited {
  readonly usual: AtRate;
  readonly asked: AtRate;
  readonly most: number;
}

await BenchCluster.with(sizes.apps, async (cluster) => {
  const template = await learnTemplate(cluster);
  await fill(cluster, sizes.apps);
  const editing = new Editing(cluster, sizes.apps);
  await editing.start();
  const operator = await OperatorProcess.start(cluster.kubeconfig, { profile: profileFolder() });
  await operator.hasLookedAt(sizes.apps);
  const figure = await measure(cluster, editing, () => operator.cpuSeconds);
  await operator.stop();
  const floor = await editFloor(cluster, template, () => measure(cluster, editing, () => 0));
  await editing.stop();
  record('edits', rows(figure, floor), isKept);
  printProfile();
});

async function measure(cluster: BenchCluster, editing: Editing, cpu: () => number): Promise<Edited> {
  const atRate = async (rate: number): Promise<AtRate> => {
    const edits = rate * sizes.seconds;
    const before = { writes: totalOf(await cluster.writes()), cpu: cpu(), server: cluster.cpuSeconds };
    const latencies = await editing.atRate(rate, sizes.seconds);
    await calm(cluster);
    return {
      latencies,
      writes: (totalOf(await cluster.writes()) - before.writes) / edits,
      cpuMs: (1000 * (cpu() - before.cpu)) / edits,
      serverMs: (1000 * (cluster.cpuSeconds - before.server)) / edits,
    };
  };
  return {
    usual: await atRate(sizes.usual),
    asked: await atRate(sizes.rate),
    most: await editing.atMost(sizes.most, together),
  };
}

function rows(figure: Edited, floor: Edited): Row[] {
  const ms = (value: number) => `${value.toFixed(value < 100 ? 1 : 0)} ms`;
  const at = (rate: 'usual' | 'asked', share: number) => {
    const [own, least] = [figure, floor].map((one) => quantile(one[rate].latencies, share)) as [number, number];
    return { figure: ms(own), floor: ms(least), times: (own / least).toFixed(2) };
  };
  return [
    {
      what: `${sizes.usual} edits/s over ${sizes.apps} Apps for ${sizes.seconds} s: edit to Deployment, p50`,
      ...at('usual', 0.5),
    },
    { what: '– p99', ...at('usual', 0.99), goal: '250 ms' },
    // One of the writes is the edit itself.
    {
      what: '– writes for an edit',
      figure: (figure.usual.writes - 1).toFixed(2),
      floor: (floor.usual.writes - 1).toFixed(2),
    },
    { what: '– CPU of the operator for an edit', figure: ms(figure.usual.cpuMs) },
    {
      what: '– CPU of API server and etcd for an edit',
      figure: ms(figure.usual.serverMs),
      floor: ms(floor.usual.serverMs),
      times: (figure.usual.serverMs / floor.usual.serverMs).toFixed(2),
    },
    { what: `${sizes.rate} edits/s for ${sizes.seconds} s: edit to Deployment, p50`, ...at('asked', 0.5) },
    { what: '– p99', ...at('asked', 0.99), goal: '250 ms' },
    {
      what: `the most, ${together} at a time`,
      figure: `${figure.most.toFixed(0)}/s`,
      floor: `${floor.most.toFixed(0)}/s`,
      times: (floor.most / figure.most).toFixed(2),
    },
  ];
}
