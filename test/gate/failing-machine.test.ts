import { expect, it } from 'vitest';
import type { Route } from '../../src/api/route.ts';
import { type GatePod, machinesOf, type Readiness } from '../../src/gate/pod-machines.ts';
import { routeName } from '../../src/gate/route-name.ts';
import { gate, route, type TestGate, until } from './gate.ts';
import { address, ask, httpMachine } from './machines.ts';

const pod = (index: number, readiness: Readiness): GatePod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `m-${index}`, namespace: 'acme', labels: { 'airfield.dev/app': 'web' } },
  machineId: `m-${index}`,
  address: address(index),
  isScheduled: true,
  isRunning: true,
  readiness,
  hasEnded: false,
});

/** What the feed says to the data plane when pods have changed. */
const see = ({ plane }: TestGate, web: Route, ...pods: GatePod[]) =>
  plane.setMachines(routeName(web), machinesOf(web, pods, { isDrained: () => false, isResuming: () => false }));

/** Two machines that pass their checks and answer with their number; `/slow` is answered when it is let go. */
async function twoMachines() {
  const web = await route();
  const gated = await gate([web]);
  const slow: (() => void)[] = [];
  for (const index of [1, 2]) {
    await httpMachine(
      web.internalPort,
      ({ url }, response) => {
        const answer = () => response.end(`${index}`);
        if (url === '/slow') slow.push(answer);
        else answer();
      },
      address(index),
    );
  }
  see(gated, web, pod(1, 'ready'), pod(2, 'ready'));
  const machines = async () => (await gated.plane.load()).machines.map(({ machine }) => machine).sort();
  await until(machines).toEqual(['m-1', 'm-2']);
  const answers = async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => ask(web.listenPort)));
    return [...new Set(all.map(({ body }) => body))].sort();
  };
  return { web, gated, slow, answers };
}

it('a machine that fails its check gets nothing new, ends what it has, and comes back when it passes', async () => {
  const { web, gated, slow, answers } = await twoMachines();
  expect(await answers()).toEqual(['1', '2']);
  const underWay = [ask(web.listenPort, { path: '/slow' }), ask(web.listenPort, { path: '/slow' })];
  await until(() => slow).toHaveLength(2);
  see(gated, web, pod(1, 'withheld'), pod(2, 'ready'));
  await until(() => gated.plane.takesNew(routeName(web), 'm-1')).toBe(false);
  expect(await answers()).toEqual(['2']);
  for (const end of slow) end();
  expect((await Promise.all(underWay)).map(({ body }) => body).sort()).toEqual(['1', '2']);
  see(gated, web, pod(1, 'ready'), pod(2, 'ready'));
  await until(answers).toEqual(['1', '2']);
});

it('who comes while all machines fail waits for one that passes, not for one that starts beside it', async () => {
  const { web, gated } = await twoMachines();
  see(gated, web, pod(1, 'withheld'), pod(2, 'withheld'));
  for (const name of ['m-1', 'm-2']) await until(() => gated.plane.takesNew(routeName(web), name)).toBe(false);
  const waiting = [ask(web.listenPort), ask(web.listenPort, { method: 'POST', body: 'x' })];
  await until(() => gated.plane.held().get(routeName(web))).toBe(2);
  see(gated, web, pod(1, 'starting'), pod(2, 'ready'));
  expect((await Promise.all(waiting)).map(({ body }) => body)).toEqual(['2', '2']);
});
