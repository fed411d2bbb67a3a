import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { clientApp, helloApp } from './apps.ts';
import { Namespace, until } from './kubectl.ts';
import { OperatorProcess } from './operator.ts';

let operators: OperatorProcess[];
let home: Namespace;
let away: Namespace;

beforeAll(async () => {
  [home, away] = await Promise.all([Namespace.create('home'), Namespace.create('away')]);
  operators = await Promise.all([OperatorProcess.startIn(home), OperatorProcess.startIn(away)]);
  await home.apply(helloApp('hello'), clientApp('friend'), clientApp('stranger', { network: { name: 'other' } }));
  await away.apply(clientApp('client'));
  await Promise.all([
    home.waitReady('hello'),
    home.waitReady('friend'),
    home.waitReady('stranger'),
    away.waitReady('client'),
  ]);
});
afterAll(async () => {
  await Promise.all([home.delete(), away.delete()]);
  await Promise.all(operators.map((operator) => operator.stop()));
});

/** Whether a machine of `app` gets an answer of hello, through its Service and by its machines' own addresses. */
async function reaches(from: Namespace, app: string): Promise<boolean> {
  const names = [`hello.${home.name}`, `hello.internal.${home.name}.svc.cluster.local:8080`];
  const answers = names.map((name) =>
    from.exec(app, 'timeout', '2', 'wget', '-qO-', `http://${name}/health`).then(
      () => true,
      () => false,
    ),
  );
  const [service, machines] = await Promise.all(answers);
  expect(machines).toBe(service);
  return service ?? false;
}

const allow = (network: AppSpecInput['network']) => home.apply(helloApp('hello', { network }));

describe('the private network of an App', () => {
  it('lets in Apps of the namespace that name the same network', async () => {
    await until('the connection to be let through', () => reaches(home, 'friend'));
  });

  it('keeps out an App of another network', async () => {
    await until('the connection to be refused', async () => !(await reaches(home, 'stranger')));
  });

  it('keeps out another namespace until it is allowed, and again afterwards', async () => {
    await until('the connection to be refused', async () => !(await reaches(away, 'client')));
    await allow({ allowFrom: [{ namespace: away.name, app: 'client', ports: [{ port: 8080 }] }] });
    await until('the connection to be let through', () => reaches(away, 'client'));
    await allow({});
    await until('the connection to be refused', async () => !(await reaches(away, 'client')));
  });

  it('has a closed way out where egress is given, with names still resolving', async () => {
    const client = (network: AppSpecInput['network']) => home.apply(clientApp('friend', { network }));
    await client({ egress: [] });
    await until('the way out to be closed', async () => !(await reaches(home, 'friend')));
    const asked = () => home.exec('friend', 'nslookup', `hello.${home.name}.svc.cluster.local`);
    expect(await until('the name to resolve', asked)).toContain('Address');
    expect(await reaches(home, 'friend')).toBe(false);
    await client({ egress: [{ app: 'hello' }] });
    await until('the way to hello to be open', () => reaches(home, 'friend'));
  });
});
