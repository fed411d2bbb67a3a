import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { restartApiServer } from '../../cluster/embedded/restart.ts';
import { helloApp } from '../apps.ts';
import { operatorWrites } from '../audit.ts';
import { Namespace, patience, until } from '../kubectl.ts';
import { OperatorProcess } from '../operator.ts';

const names = ['one', 'two', 'three', 'four', 'five', 'six'];
/** Six Apps of one machine each. */
const apps = names.map((name) => helloApp(name, { processes: [{ name: 'app', count: 1 }] }));
const kinds = ['apps', 'deployments', 'services', 'networkpolicies', 'endpointslices'];

/** Only there can a test kill the API server, and read its audit log. */
const isEmbedded = inject('provider') === 'embedded';

let namespace: Namespace;
const running: OperatorProcess[] = [];

async function anOperator(): Promise<OperatorProcess> {
  const operator = await OperatorProcess.startIn(namespace);
  running.push(operator);
  return operator;
}

beforeAll(async () => {
  namespace = await Namespace.create('faults');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((operator) => operator.stop()));
});
afterAll(() => namespace.delete());

/** What an undisturbed operator makes of the Apps, and nothing besides. */
const everything = [
  ...names.flatMap((name) => [
    `app.airfield.dev/${name}`,
    `deployment.apps/${name}-app`,
    `service/${name}`,
    `networkpolicy.networking.k8s.io/${name}`,
    `endpointslice.discovery.k8s.io/${name}-flycast`,
  ]),
  'service/internal',
  'service/flycast',
].sort();

/** The slices that Kubernetes makes of Services have names of its own. */
async function whatIsThere(): Promise<string[]> {
  const all = await namespace.names(...kinds);
  return all.filter((name) => !name.startsWith('endpointslice') || name.endsWith('-flycast'));
}

async function expectTheEndState(): Promise<void> {
  await Promise.all(names.map((name) => namespace.waitReady(name)));
  // Ready may be what was told before something was taken away.
  await until('all and nothing besides', async () => (await whatIsThere()).join() === everything.join());
}

describe('the end state is the same', () => {
  it('when the operator is killed in the middle of creating children', async () => {
    const first = await anOperator();
    await namespace.apply(...apps);
    await until('the first child', async () => (await namespace.names('networkpolicies')).length > 0, patience, 1);
    await first.kill('SIGKILL');
    expect(await whatIsThere()).not.toEqual(everything);
    await anOperator();
    await expectTheEndState();
  });

  it('when two operators run at once, of which one writes; the other goes on when it ends', async () => {
    const [first, second] = await Promise.all([anOperator(), anOperator()]);
    await until('one to lead', async () => first.has('"leads"') !== second.has('"leads"'));
    const [leader, follower] = first.has('"leads"') ? [first, second] : [second, first];
    await namespace.kubectl(['delete', 'service', 'one', '--wait=false']);
    await expectTheEndState();
    await leader.stop();
    await until('the other to lead', async () => follower.has('"leads"'));
    await namespace.kubectl(['delete', 'deployment', 'two-app', '--wait=false']);
    await until('the end state', async () => (await whatIsThere()).join() === everything.join());
    await expectTheEndState();
  });

  it.runIf(isEmbedded)('when the API server is killed and comes back', async () => {
    await anOperator();
    const untouched = () => namespace.namesWith('airfield.dev/app=six', 'pods');
    const before = await untouched();
    await restartApiServer(inject('cluster'));
    expect(await untouched()).toEqual(before);
    await namespace.apply(helloApp('one', { processes: [{ name: 'app', count: 2 }] }));
    await until('the edit to be seen', async () => (await namespace.kubectl(['get', 'afapp', 'one'])).includes('2/2'));
    await namespace.apply(...apps);
    await until('the edit to be taken back', async () =>
      (await namespace.kubectl(['get', 'afapp', 'one'])).includes('1/1'),
    );
    await expectTheEndState();
  });
});

describe('an operator that starts where nothing has changed', () => {
  it.runIf(isEmbedded)('writes nothing', async () => {
    const settled = await anOperator();
    await expectTheEndState();
    await settled.stop();
    expect(await operatorWrites(new Date(0))).not.toEqual([]);
    const since = new Date();
    const operator = await anOperator();
    await until('all Apps to have been looked at', async () => {
      const metrics = await (await fetch(`${operator.url}/metrics`)).text();
      const [, count = '0'] =
        /controller_runtime_reconcile_total\{controller="app",result="success"\} (\d+)/.exec(metrics) ?? [];
      return Number(count) >= names.length && /workqueue_depth\{name="app"\} 0/.test(metrics);
    });
    expect(await operatorWrites(since)).toEqual([]);
  });
});
