import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientApp } from './apps.ts';
import { KilledOperator, seed } from './killed-operator.ts';
import { Namespace, until } from './kubectl.ts';
import { schedule } from './schedules.ts';
import { SecretApp, secret } from './secret-apps.ts';

const killsPerEdit = 3;
/** Milliseconds after an edit within which the operator is killed: about as long as a release takes with that. */
const span = 5_000;

let operator: KilledOperator;
let acme: Namespace;
let web: SecretApp;

beforeAll(async () => {
  acme = await Namespace.create('secret-kills');
  operator = await KilledOperator.startIn(acme);
  web = new SecretApp(acme, 'web');
});
afterAll(async () => {
  await acme.delete();
  await operator.stop();
});

interface CronJob {
  spec: {
    schedule: string;
    jobTemplate: { spec: { template: { spec: { containers: { envFrom?: { secretRef: { name: string } }[] }[] } } } };
  };
}

/** When the runs of the Schedule begin, and the core Secret that they have their values from. */
async function runs(): Promise<{ when: string; values: string | undefined }> {
  const { spec } = await acme.get<CronJob>('cronjob', 'nightly');
  const [container] = spec.jobTemplate.spec.template.spec.containers;
  return { when: spec.schedule, values: container?.envFrom?.[0]?.secretRef.name };
}

const generate = { generate: {} };
const nightly = (when: string) => schedule('nightly', { app: 'web', schedule: when });
const more = { B: { value: 'b1' }, kept: generate };

/** In order: what is applied, which release it comes to, and the variables that the machine then has. */
const edits: [what: string, objects: object[], version: number, variables: Record<string, string | undefined>][] = [
  [
    'the first ones',
    [clientApp('web'), nightly('0 3 * * *'), secret('web', { A: { value: 'a1' }, kept: generate })],
    1,
    { A: 'a1', B: undefined },
  ],
  ['a new value and a new variable', [secret('web', { A: { value: 'a2' }, ...more })], 2, { A: 'a2', B: 'b1' }],
  ['a staged value', [secret('web', { A: { value: 'a3' }, ...more }, { staged: true })], 2, { A: 'a2', B: 'b1' }],
  ['a release for another reason', [clientApp('web', { env: { C: 'c1' } })], 3, { A: 'a3', B: 'b1', C: 'c1' }],
  [
    'a variable that goes, and another time',
    [secret('web', { A: { value: 'a3' }, kept: generate }), nightly('0 4 * * *')],
    4,
    { A: 'a3', B: undefined },
  ],
];

describe(`the operator killed at random moments of a change of Secrets and Schedules (AIRFIELD_TEST_SEED=${seed})`, () => {
  const generated = new Set<string | undefined>();

  it.each(edits)('leaves them as if nothing had happened: %s', async (what, objects, version, variables) => {
    const killed = operator.kills(what, killsPerEdit, span);
    await acme.apply(...objects);
    await killed;
    await web.reaches(version, 'complete');
    await acme.waitReady('web');
    await until('one machine', async () => (await web.pods()).length === 1);
    for (const [name, value] of Object.entries(variables)) expect(await web.variable(name), name).toEqual([value]);
    for (const value of await web.variable('kept')) generated.add(value);
    await until('the values before to be gone', async () => (await web.copies()) === 1);
    const [current] = await acme
      .names('secrets.v1.')
      .then((names) => names.filter((name) => name.includes('-secrets-')));
    const when = version < 4 ? '0 3 * * *' : '0 4 * * *';
    await until('the Schedule to follow', async () => {
      const found = await runs();
      return current?.endsWith(`/${found.values}`) && found.when === when;
    });
    expect((await web.status()).release?.version).toBe(version);
  });

  it('has made one value that was to be made once', () => {
    expect(generated.size).toBe(1);
    expect([...generated][0]).toMatch(/^[a-zA-Z0-9]{32}$/);
  });

  it('leaves nothing of them when they are deleted', async () => {
    const killed = operator.kills('deletion', killsPerEdit, span);
    await acme.kubectl(['delete', 'secrets.airfield.dev/web', 'schedules.airfield.dev/nightly']);
    await killed;
    await web.reaches(5, 'complete');
    await until('one machine', async () => (await web.pods()).length === 1);
    expect(await web.variable('A')).toEqual([undefined]);
    await until('nothing to be left', async () => {
      const left = await acme.names('cronjobs', 'secrets.v1.');
      return left.length === 0;
    });
  });
});
