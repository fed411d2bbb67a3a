/**
 * `npm run bench -- failover [--turns 5]`: two operators, of which one leads and ends: from its end until the other one leads.
 * A crash is SIGKILL; its Lease then has to expire.
 */
import { median } from './measure/figures.ts';
import { sizesFrom } from './measure/options.ts';
import { type Row, record } from './measure/record.ts';
import { BenchCluster } from './operator/cluster.ts';
import { OperatorProcess } from './operator/operator-process.ts';

const { sizes, isKept } = sizesFrom({ turns: 5 });
const ends = { 'a crash': 'SIGKILL', 'an orderly stop': 'SIGTERM' } as const;
const goals = { SIGKILL: '15 s', SIGTERM: '2 s' };

await BenchCluster.with(1, async ({ kubeconfig }) => {
  let leader = await OperatorProcess.start(kubeconfig);
  await leader.leads();
  const rows: Row[] = [];
  for (const [what, signal] of Object.entries(ends)) {
    const seconds: number[] = [];
    for (let turn = 0; turn < sizes.turns; turn++) {
      const next = await OperatorProcess.start(kubeconfig);
      const began = performance.now();
      // An orderly end takes its time, in which the other one may lead already.
      const ended = leader.end(signal);
      await next.leads();
      seconds.push((performance.now() - began) / 1000);
      await ended;
      leader = next;
    }
    const figure = `${median(seconds).toFixed(2)} s, at most ${Math.max(...seconds).toFixed(2)} s`;
    rows.push({ what: `another operator leads after ${what}`, figure, goal: goals[signal] });
  }
  await leader.end('SIGTERM');
  record('failover', rows, isKept);
});
