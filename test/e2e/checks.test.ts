import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { AppStatus } from '../../src/api/app-status.ts';
import { app, clientApp, helloImage } from './apps.ts';
import { inside } from './inside.ts';
import { Namespace, until } from './kubectl.ts';
import { machinesOf } from './machines.ts';
import { OperatorProcess } from './operator.ts';
import { Traffic } from './traffic.ts';

/** Only there can the operator of a test reach machines. */
const isEmbedded = inject('provider') === 'embedded';

/** Answers 404 to /missing, and 200 to everything else. */
const program = `require('node:http').createServer(({ url }, response) => {
  response.statusCode = url === '/missing' ? 404 : 200;
  response.end('ok');
}).listen(8080);`;

type CheckInput = NonNullable<AppSpecInput['checks']>[number];
const check = (name: string, more: Partial<CheckInput> = {}): CheckInput => ({
  name,
  type: 'http',
  interval: '2s',
  timeout: '1s',
  ...more,
});

function checkedApp(name: string, checks: CheckInput[], more: Partial<AppSpecInput> = {}): object {
  return app(name, {
    image: helloImage,
    killSignal: 'SIGKILL',
    processes: [{ name: 'app', command: ['node', '-e', program] }],
    services: [{ internalPort: 8080, ports: [{ port: 80, handlers: ['http'] }] }],
    checks,
    ...more,
  });
}

describe.runIf(isEmbedded)('checks of an App', () => {
  let running: OperatorProcess[];
  let namespace: Namespace;
  let operators: Namespace;
  /** The network of the App is open to the operator of these tests, which is no pod. */
  let open: Pick<AppSpecInput, 'network'>;

  beforeAll(async () => {
    [namespace, operators] = await Promise.all([Namespace.create('checks'), Namespace.create('operators')]);
    open = { network: { allowFrom: [{ cidr: `${(await inside()).address}/32` }] } };
    running = await Promise.all([
      OperatorProcess.startInside(namespace, { env: { AIRFIELD_OPERATOR_NAMESPACE: operators.name } }),
      OperatorProcess.startIn(operators),
    ]);
  });
  afterAll(async () => {
    await Promise.all([namespace.delete(), operators.delete()]);
    await Promise.all(running.map((operator) => operator.stop()));
  });

  const status = async (name: string) => (await namespace.get<{ status?: AppStatus }>('app', name)).status;

  /** Waits until the checks of an App are told like this. */
  async function tells(name: string, expected: object[]): Promise<void> {
    let seen: unknown;
    const isTold = async () => {
      seen = (await status(name))?.checks;
      return isDeepStrictEqual(seen, expected);
    };
    await until(`the checks of ${name}`, isTold).catch(() => expect(seen).toEqual(expected));
  }

  it.concurrent('are told in its status, and disturb neither traffic nor machines', async () => {
    const edit = (path: string) =>
      namespace.apply(checkedApp('checked', [check('alive'), check('deep', { path })], open));
    await edit('/missing');
    await namespace.waitReady('checked');
    const machines = await machinesOf(namespace, 'checked');
    const traffic = await Traffic.start(namespace, 'checked', { rate: 50 });

    const alive = { name: 'alive', passing: 2, total: 2 };
    await tells('checked', [alive, { name: 'deep', passing: 0, total: 2, output: '404 Not Found' }]);
    const failing = await status('checked');
    expect(failing?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True' });
    expect(failing?.machines).toBe('2/2');

    await edit('/there');
    await tells('checked', [alive, { name: 'deep', passing: 2, total: 2 }]);
    expect((await status('checked'))?.release?.version).toBe(1);
    expect(await machinesOf(namespace, 'checked')).toEqual(machines);
    expect((await traffic.stop()).failures).toEqual([]);
  });

  it.concurrent('say so where the operator cannot reach the machines', async () => {
    // On the other node, for nobody can keep a node from its own machines.
    const away = { primaryRegion: 'fra', count: 1 };
    const checks = [check('alive', { type: 'tcp' })];
    await namespace.apply(checkedApp('closed', checks, away));
    const output = 'cannot be reached from the operator: no connection within 1s';
    await tells('closed', [{ name: 'alive', passing: 0, total: 1, output }]);
    await namespace.apply(checkedApp('closed', checks, { ...away, ...open }));
    await tells('closed', [{ name: 'alive', passing: 1, total: 1 }]);
  });

  it.concurrent('let in pods of the operator where it runs in the cluster, and nobody else of its namespace', async () => {
    await operators.apply(clientApp('airfield'), clientApp('other'));
    await namespace.apply(checkedApp('asked', [check('alive')]));
    await Promise.all([namespace.waitReady('asked'), operators.waitReady('airfield'), operators.waitReady('other')]);
    const url = `http://asked.internal.${namespace.name}.svc.cluster.local:8080/`;
    const answer = (from: string) => operators.exec(from, 'timeout', '2', 'wget', '-qO-', url);
    expect(await until('the operator to be let in', () => answer('airfield'))).toBe('ok');
    await expect(answer('other')).rejects.toThrow();
  });
});
