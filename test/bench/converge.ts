/**
 * `npm run bench -- converge [--apps 1000] [--turns 3] [--profile FOLDER]`: so many Apps made at once on a real API server:
 * time until every child exists and every status is written, beside a bare client that makes the same objects.
 */
import { apps as appKind } from '../../src/controller/resources.ts';
import { events } from '../../src/kube/resources.ts';
import { median } from './measure/figures.ts';
import { sizesFrom } from './measure/options.ts';
import { printProfile } from './measure/profile.ts';
import { type Row, record } from './measure/record.ts';
import type { Way } from './operator/bare-operator.ts';
import { BenchCluster } from './operator/cluster.ts';
import { type Converged, converge } from './operator/converging.ts';
import { convergeFloor, type Floor } from './operator/floor.ts';
import { countsOf, learnTemplate, type Template } from './operator/template.ts';

const { sizes, isKept } = sizesFrom({ apps: 1000, turns: 3 });
const ways: readonly Way[] = ['create', 'apply'];

await BenchCluster.with(sizes.apps, async (cluster) => {
  const template = await learnTemplate(cluster);
  const clear = () => cluster.clear(sizes.apps, [appKind, events, ...countsOf(template).keys()]);
  const connections = await best(cluster, template, clear);
  const operator: Converged[] = [];
  const floors: Record<Way, Floor[]> = { create: [], apply: [] };
  for (let turn = 0; turn < sizes.turns; turn++) {
    operator.push(await converge(cluster, sizes.apps, template));
    await clear();
    for (const way of ways) {
      floors[way].push(await convergeFloor(cluster, template, { way, apps: sizes.apps, connections }));
      await clear();
    }
  }
  const told = ways.flatMap((way) => beside(operator, floors[way], `${way}, ${connections} connections`));
  record('converge', [...told, ...requests(operator, template)], isKept);
  printProfile();
});

/** The number of connections with which the bare client is fastest. */
async function best(cluster: BenchCluster, template: Template, clear: () => Promise<void>): Promise<number> {
  const tried: { connections: number; ms: number }[] = [];
  for (const connections of [8, 16, 32, 64]) {
    const apps = Math.min(200, sizes.apps);
    tried.push({ connections, ...(await convergeFloor(cluster, template, { way: 'create', apps, connections })) });
    await clear();
  }
  return tried.toSorted((a, b) => a.ms - b.ms)[0]?.connections ?? 16;
}

/** CPU tells more than time where others use the machine, too. */
function beside(operator: readonly Converged[], floors: readonly Floor[], way: string): Row[] {
  const row = (what: string, of: (run: Converged | Floor) => number, goal?: string): Row => {
    const [figure, floor] = [operator, floors].map((runs) => median(runs.map(of))) as [number, number];
    const seconds = (value: number) => `${value.toFixed(1)} s`;
    const times = (figure / floor).toFixed(2);
    return { what, figure: seconds(figure), floor: seconds(floor), times, ...(goal && { goal }) };
  };
  const [title, all] = [
    `${sizes.apps} Apps made at once (floor: ${way})`,
    ({ cpuSeconds, serverSeconds }: Floor) => cpuSeconds + serverSeconds,
  ];
  return [row(title, ({ ms }) => ms / 1000, '1.3 times'), row('– CPU of operator, API server and etcd', all)];
}

function requests(operator: readonly Converged[], { children }: Template): Row[] {
  const perApp = (of: (run: Converged) => number, digits = 2) =>
    (median(operator.map(of)) / sizes.apps).toFixed(digits);
  const least = `${children.length + 1}`;
  for (const [name, count] of operator[0]?.writesBy ?? []) console.log(`  ${name}: ${count}`);
  return [
    {
      what: `writes for an App with ${children.length} children`,
      figure: perApp((run) => run.writes),
      floor: least,
      goal: least,
    },
    { what: 'reads for an App', figure: perApp((run) => run.reads), floor: '0', goal: '0' },
    { what: 'looks at an App', figure: perApp((run) => run.looks) },
    { what: 'CPU of the operator for an App', figure: `${perApp((run) => 1000 * run.cpuSeconds, 1)} ms` },
  ];
}
