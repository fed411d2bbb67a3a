/**
 * `npm run bench -- edits [--apps 5000] [--rate 150] [--seconds 120] [--profile FOLDER]`: so many changes of images a second,
 * spread over so many Apps: from the edit until the Deployment has it, and how many a second are possible; beside a bare
 * client that writes the same as soon as it hears of the edit.
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

const { sizes, isKept } = sizesFrom({ apps: 5000, rate: 150, seconds: 120, most: 20 });
/** Edits that wait for their Deployments at the same time, where as many as possible are asked for: none of the same App. */
const together = Math.min(128, Math.ceil(sizes.apps / 2));

interface Edited {
  readonly latencies: readonly number[];
  readonly writes: number;
  readonly cpuSeconds: number;
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
  const [before, used] = [totalOf(await cluster.writes()), cpu()];
  const latencies = await editing.atRate(sizes.rate, sizes.seconds);
  await calm(cluster);
  const [after, cpuSeconds] = [totalOf(await cluster.writes()), cpu() - used];
  return { latencies, writes: after - before, cpuSeconds, most: await editing.atMost(sizes.most, together) };
}

function rows(figure: Edited, floor: Edited): Row[] {
  const edits = sizes.rate * sizes.seconds;
  const at = (share: number, goal?: string): Partial<Row> => {
    const [own, least] = [quantile(figure.latencies, share), quantile(floor.latencies, share)];
    const ms = (value: number) => `${value.toFixed(0)} ms`;
    return { figure: ms(own), floor: ms(least), times: (own / least).toFixed(2), ...(goal && { goal }) };
  };
  const perEdit = ({ writes }: Edited) => (writes / edits - 1).toFixed(2);
  return [
    {
      what: `${sizes.rate} edits/s over ${sizes.apps} Apps for ${sizes.seconds} s: edit to Deployment, p50`,
      figure: '',
      ...at(0.5),
    },
    { what: '– p99', figure: '', ...at(0.99, '250 ms') },
    { what: '– writes for an edit', figure: perEdit(figure), floor: perEdit(floor) },
    { what: '– CPU of the operator, of a core', figure: `${((100 * figure.cpuSeconds) / sizes.seconds).toFixed(0)} %` },
    {
      what: `– the most, ${together} at a time`,
      figure: `${figure.most.toFixed(0)}/s`,
      floor: `${floor.most.toFixed(0)}/s`,
      times: (floor.most / figure.most).toFixed(2),
    },
  ];
}
