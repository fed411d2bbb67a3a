import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { AppStatus } from '../../src/api/app-status.ts';
import { app, clientImage } from './apps.ts';
import { Namespace, until } from './kubectl.ts';
import { machinesOf } from './machines.ts';
import { OperatorProcess } from './operator.ts';

type Strategy = NonNullable<NonNullable<AppSpecInput['deploy']>['strategy']>;

let operator: OperatorProcess;
let namespace: Namespace;

beforeAll(async () => {
  namespace = await Namespace.create('machine-checks');
  operator = await OperatorProcess.startIn(namespace);
});
afterAll(async () => {
  await namespace.delete();
  await operator.stop();
});

/** Asks the machine for its version, which must be that of the release. */
const good = 'wget -qO- http://$FLY_TEST_MACHINE_IP:8080/ | grep -w "$VERSION"';
const bad = 'echo "wrong colour: $FLY_PROCESS_GROUP"; exit 4';

const apply = (name: string, version: string, script: string, strategy: Strategy) =>
  namespace.apply(
    app(name, {
      image: 'airfield.local/versioned:1',
      env: { VERSION: version },
      count: 2,
      services: [
        {
          internalPort: 8080,
          ports: [{ port: 80, handlers: ['http'] }],
          checks: [{ type: 'http', path: '/health', interval: '2s', timeout: '1s' }],
          machineChecks: [{ image: clientImage, entrypoint: ['sh', '-c'], command: [script] }],
        },
      ],
      deploy: { strategy },
    }),
  );

const statusOf = async (name: string) => (await namespace.get<{ status: AppStatus }>('app', name)).status;

async function ends(name: string, version: number): Promise<AppStatus> {
  await until(`release ${version} of ${name} to end`, async () => {
    const { release } = await statusOf(name);
    return release?.version === version && /complete|failed/.test(release.phase);
  });
  return statusOf(name);
}

const jobsOf = async (name: string) => (await namespace.namesWith(`airfield.dev/app=${name}`, 'jobs')).join('\n');
const versionsOf = async (name: string) => (await machinesOf(namespace, name)).map(({ version }) => version).sort();

describe.concurrent.each<Strategy>(['rolling', 'bluegreen'])(
  'machine checks of an App that goes out by %s',
  (strategy) => {
    const name = strategy;
    const inOrder = { concurrent: false };

    it('let the first release out when they succeed against its machine, and go', inOrder, async () => {
      await apply(name, 'v1', good, strategy);
      expect((await ends(name, 1)).release).toMatchObject({ phase: 'complete' });
      await namespace.waitReady(name);
      await until('no Job to be left', async () => (await jobsOf(name)) === '');
      await until('two machines', async () => (await versionsOf(name)).join() === 'v1,v1');
    });

    it('keep a release back when one fails, with its last words, while the one before serves', inOrder, async () => {
      await apply(name, 'v2', bad, strategy);
      const { release, conditions } = await ends(name, 2);
      expect(release).toMatchObject({ phase: 'failed', reason: 'MachineCheckFailed', serving: 1 });
      const said =
        /services\[0\]\.machineChecks\[0\] .* exit code 4; it said: wrong colour: fly_app_test_machine_command/;
      expect(conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
        reason: 'ReleaseFailed',
        message: expect.stringMatching(said),
      });
      expect(await jobsOf(name)).toMatch(new RegExp(`^job.batch/${name}-check-r2-`));
      await until('the machines of release 1 alone', async () => (await versionsOf(name)).join() === 'v1,v1');
    });

    it('that are mended let the same machines out', inOrder, async () => {
      await apply(name, 'v2', good, strategy);
      expect((await ends(name, 3)).release).toMatchObject({ phase: 'complete', serving: 3 });
      await until('only the new machines', async () => (await versionsOf(name)).join() === 'v2,v2');
      await until('no Job to be left', async () => (await jobsOf(name)) === '');
    });
  },
);
