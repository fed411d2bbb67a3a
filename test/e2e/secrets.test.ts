import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { run } from '../cluster/exec.ts';
import { operatorBodies } from './audit.ts';
import { Namespace, patience, until } from './kubectl.ts';
import { OperatorProcess } from './operator.ts';
import { badValue, conditionOf, external, SecretApp, secret, secretApp } from './secret-apps.ts';

/** All values that are planted here, whole; none may be seen anywhere but in core Secrets and in machines. */
const planted = {
  first: 'outside-first-b7f2',
  second: 'outside-second-c81e',
  sealed: 'sealed-with-airfield-9d40',
  resealed: 'sealed-again-77a3',
  staged: 'staged-until-later-5e1c',
  conflicting: 'of-the-younger-secret-20bd',
};
const cli = join(import.meta.dirname, '..', '..', 'src', 'cli.ts');

let operator: OperatorProcess;
let acme: Namespace;
let web: SecretApp;

/** What `airfield seal` prints for a value on its standard input. */
async function box(key: string, value: string): Promise<string> {
  const args = ['seal', '--name', 'web', '--namespace', acme.name, '--output', 'box', key];
  const env = { ...process.env, KUBECONFIG: inject('kubeconfig') };
  return run(process.execPath, [cli, ...args], { input: value, env, timeout: patience });
}

let sealed: string;
let generated = '';
const webSecret = (more = {}, staged = false) =>
  secret(
    'web',
    {
      TOKEN: { secretKeyRef: { name: 'outside', key: 'token' } },
      SEALED: { sealed },
      MADE: { generate: { length: 24 } },
      ...more,
    },
    { staged },
  );

/** What external-secrets does when there is another value. */
const patchOutside = (token: string) =>
  acme.kubectl(['patch', 'secrets.v1.', 'outside', '-p', JSON.stringify({ stringData: { token } })]);

/** What the Machine `beside` has as TOKEN. */
async function tokenOfMachine(): Promise<string> {
  const [pod = ''] = await acme.namesWith('airfield.dev/machine=beside', 'pods');
  return (await acme.kubectl(['exec', pod, '--', 'sh', '-c', 'echo $TOKEN'])).trimEnd();
}

beforeAll(async () => {
  acme = await Namespace.create('secrets');
  operator = await OperatorProcess.startIn(acme, { env: { AIRFIELD_LOG_LEVEL: 'debug' } });
  web = new SecretApp(acme, 'web');
  await until('the public key', () => box('SEALED', 'x'));
  sealed = await box('SEALED', planted.sealed);
});
afterAll(async () => {
  await acme?.delete();
  await operator?.stop();
});

describe('the secrets of an App', () => {
  it('reach its program in its first release, and go before what the spec says', async () => {
    const env = { TOKEN: 'from the spec', MODE: 'from the spec' };
    await acme.apply(secretApp('web', { env }), webSecret(), external('outside', { token: planted.first }));
    await web.reaches(1, 'complete');
    expect(await web.variable('TOKEN')).toEqual([planted.first, planted.first]);
    expect(await web.variable('SEALED')).toEqual([planted.sealed, planted.sealed]);
    expect(await web.variable('MODE')).toEqual(['from the spec', 'from the spec']);
    const [made, ...more] = await web.variable('MADE');
    expect(made).toMatch(/^[A-Za-z0-9]{24}$/);
    expect(more).toEqual([made]);
    generated = made ?? '';
  });

  it('reach a Machine of it', async () => {
    const spec = { app: 'web', command: ['sleep', '86400'], killSignal: 'SIGKILL' };
    const metadata = { name: 'beside' };
    await acme.apply({ apiVersion: 'airfield.dev/v1alpha1', kind: 'Machine', metadata, spec });
    await until('its value', async () => (await tokenOfMachine()) === planted.first);
  });

  it('are new in one release when somebody else writes another value, and in none of the old machines', async () => {
    const before = await web.pods();
    await patchOutside(planted.second);
    await web.reaches(2, 'complete');
    await until('new machines alone', async () => (await web.pods()).every((pod) => !before.includes(pod)));
    expect(await web.variable('TOKEN')).toEqual([planted.second, planted.second]);
    await until('the Machine to have it', async () => (await tokenOfMachine()) === planted.second);
    await until('the old values to go', async () => (await web.copies()) === 1);
    await acme.kubectl(['delete', 'afm', 'beside', '--wait=false']);
  });

  it('are the old ones again, in old and new machines, when a new value crashes the program', async () => {
    // Enough to start, crash and be seen to; whoever changes it later asks for the release once more.
    await web.waitsFor('30s');
    await patchOutside(badValue);
    const { conditions, release } = await web.reaches(3, 'failed');
    const told = conditions?.find(({ type }) => type === 'Ready');
    expect(told).toMatchObject({ status: 'False', reason: 'ReleaseFailed' });
    expect(told?.message).toMatch(/it said: cannot log in with \*\*\*/);
    expect(release?.serving).toBe(2);
    const [one] =
      (await until('the old machines alone', async () => {
        const values = await web.variable('TOKEN');
        return values.length === 2 && values.every((value) => value === planted.second) ? web.pods() : undefined;
      })) ?? [];
    await acme.kubectl(['delete', 'pod', one ?? '']);
    await until('another machine with the old value', async () => {
      const pods = await web.pods();
      const values = await web.variable('TOKEN');
      return pods.length === 2 && !pods.includes(one ?? '') && values.every((value) => value === planted.second);
    });
  });

  it('are released when the value is a good one again', async () => {
    await patchOutside(planted.first);
    await web.reaches(4, 'complete');
    await web.waitsFor('5m');
    sealed = await box('SEALED', planted.resealed);
    await acme.apply(webSecret());
    await web.reaches(5, 'complete');
    expect(await web.variable('SEALED')).toEqual([planted.resealed, planted.resealed]);
    expect(await web.variable('TOKEN')).toEqual([planted.first, planted.first]);
  });

  it('that are staged come with the next release', async () => {
    await acme.apply(external('staged', { later: planted.staged }));
    const later = { LATER: { secretKeyRef: { name: 'staged', key: 'later' } } };
    await acme.apply(webSecret(later, true));
    await until('all values', async () => (await conditionOf(acme, 'web'))?.message === 'all 4 values are there');
    await acme.kubectl(['annotate', 'app/web', 'airfield.dev/deployed-by=somebody']);
    expect(await web.variable('LATER')).toEqual([undefined, undefined]);
    await acme.kubectl(['annotate', 'app/web', 'airfield.dev/restarted-at=now']);
    await web.reaches(6, 'complete');
    expect(await web.variable('LATER')).toEqual([planted.staged, planted.staged]);
    await acme.apply(webSecret(later));
  });

  it('are those of the older of two Secrets, and both say so', async () => {
    await acme.apply(external('younger', { token: planted.conflicting }));
    const from = { secretKeyRef: { name: 'younger', key: 'token' } };
    await acme.apply(secret('second', { TOKEN: from, SECOND: from }, { apps: ['web'] }));
    await web.reaches(7, 'complete');
    expect(await web.variable('TOKEN')).toEqual([planted.first, planted.first]);
    expect(await web.variable('SECOND')).toEqual([planted.conflicting, planted.conflicting]);
    for (const name of ['web', 'second']) {
      const conflict = await until(`${name} to say so`, () => conditionOf(acme, name, 'KeyConflict'));
      expect(conflict?.message).toContain('App web gets `TOKEN` from Secret');
    }
  });

  it('are gone with their key, and with their Secret', async () => {
    await acme.apply(webSecret());
    await web.reaches(8, 'complete');
    expect(await web.variable('LATER')).toEqual([undefined, undefined]);
    await acme.kubectl(['delete', 'afsec', 'second']);
    await web.reaches(9, 'complete');
    expect(await web.variable('SECOND')).toEqual([undefined, undefined]);
    await until('the core Secret to be gone', async () => !(await acme.names('secrets.v1.')).includes('secret/second'));
  });
});

describe('values', () => {
  const kinds = [
    'app',
    'afsec',
    'afm',
    'afsch',
    'pods',
    'deployments',
    'replicasets',
    'jobs',
    'cronjobs',
    'controllerrevisions',
    'configmaps',
  ];

  /** Whatever of a value is found in a text, also in base64. */
  const found = (text: string) =>
    [...Object.values(planted), badValue, generated].filter((value) =>
      [value, Buffer.from(value).toString('base64')].some((form) => text.includes(form)),
    );

  it('are where the tests look for them: in core Secrets', async () => {
    expect(found(await acme.kubectl(['get', 'secrets.v1.', '-o', 'yaml'])).length).toBeGreaterThan(3);
  });

  it.each<[string, () => Promise<string>]>([
    ['the log of the operator', async () => operator.lines.join('\n')],
    ['any object, its status and its annotations', () => acme.kubectl(['get', kinds.join(','), '-o', 'yaml'])],
    ['what kubectl describes', () => acme.kubectl(['describe', `${kinds.join(',')},secrets.v1.`])],
    ['metadata of core Secrets', () => acme.kubectl(['get', 'secrets.v1.', '-o', 'jsonpath={.items[*].metadata}'])],
    ['events', () => acme.kubectl(['get', 'events', '-o', 'yaml'])],
    ...(inject('provider') === 'embedded'
      ? [
          ['what the operator writes, but for core Secrets', () => operatorBodies(acme.name)] as [
            string,
            () => Promise<string>,
          ],
        ]
      : []),
  ])('are not in %s', async (_, read) => {
    // What goes between the list and the look at each is no longer found: machines and values of the release before.
    const text = (await until('all to be read', read)) ?? '';
    expect(text.length).toBeGreaterThan(1000);
    expect(found(text)).toEqual([]);
  });
});
