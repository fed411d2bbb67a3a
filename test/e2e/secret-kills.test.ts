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
  operator = await KilledOperator.start('secret-kills');
  acme = await Namespace.create('secret-kills');
  web = new SecretApp(acme, 'web');
});
afterAll(async () => {
  await acme.delete();
  await operator.stop();
});

interface CronJob {
  spec: {
    jobTemplate: { spec: { template: { spec: { containers: { envFrom?: { secretRef: { name: string } }[] }[] } } } };
  };
}

/** Name of the core Secret that the runs of the Schedule have their values from. */
async function valuesOfRuns(): Promise<string | undefined> {
  const { spec } = await acme.get<CronJob>('cronjob', 'nightly');
  return spec.jobTemplate.spec.template.spec.containers[0]?.envFrom?.[0]?.secretRef.name;
}

const generate = { generate: {} };
const more = { B: { value: 'b1' }, kept: generate };

/** In order: what is applied, which release it comes to, and the variables that the machine then has. */
const edits: [what: string, objects: object[], version: number, variables: Record<string, string | undefined>][] = [
  [
    'the first ones',
    [clientApp('web'), schedule('nightly', { app: 'web' }), secret('web', { A: { value: 'a1' }, kept: generate })],
    1,
    { A: 'a1', B: undefined },
  ],
  ['a new value and a new variable', [secret('web', { A: { value: 'a2' }, ...more })], 2, { A: 'a2', B: 'b1' }],
  ['a staged value', [secret('web', { A: { value: 'a3' }, ...more }, { staged: true })], 2, { A: 'a2', B: 'b1' }],
  ['a release for another reason', [clientApp('web', { env: { C: 'c1' } })], 3, { A: 'a3', B: 'b1', C: 'c1' }],
  ['a variable that goes', [secret('web', { A: { value: 'a3' }, kept: generate })], 4, { A: 'a3', B: undefined }],
];

describe(`the operator killed at random moments of a change of secrets (AIRFIELD_TEST_SEED=${seed})`, () => {
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
    await until('the Schedule to follow', async () => current?.endsWith(`/${await valuesOfRuns()}`));
    expect((await web.status()).release?.version).toBe(version);
  });

  it('has made one value that was to be made once', () => {
    expect(generated.size).toBe(1);
    expect([...generated][0]).toMatch(/^[a-zA-Z0-9]{32}$/);
  });
});
