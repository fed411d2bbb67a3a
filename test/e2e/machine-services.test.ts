import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MachineSpecInput } from '../../src/api/machine.ts';
import { clientApp, helloApp } from './apps.ts';
import { Namespace, until } from './kubectl.ts';
import { patchMachine, reaches } from './machine-kind.ts';
import { OperatorProcess } from './operator.ts';

let operator: OperatorProcess;
let acme: Namespace;

const ports = (port: number): MachineSpecInput['services'] => [{ internalPort: 8080, ports: [{ port }] }];

const helloMachine = (name: string, spec: Partial<MachineSpecInput>) => ({
  apiVersion: 'airfield.dev/v1alpha1',
  kind: 'Machine',
  metadata: { name },
  spec: { app: 'hello', ...spec },
});

beforeAll(async () => {
  acme = await Namespace.create('machine-services');
  operator = await OperatorProcess.startIn(acme);
  await acme.apply(helloApp('hello', { processes: [{ name: 'app', count: 1 }] }), clientApp());
  await acme.waitReady('hello');
  await acme.waitReady('client');
});
afterAll(async () => {
  await acme.delete();
  await operator.stop();
});

/** Which machines answer at an address. Kubernetes chooses one at random for each connection. */
async function answering(url: string): Promise<Set<string>> {
  const ask = `for i in $(seq 20); do timeout 2 wget -qO- ${url} | tr -d '\\n'; echo; done`;
  const lines = (await acme.exec('client', 'sh', '-c', ask)).split('\n').slice(0, 20);
  return new Set(lines.map((line) => (line ? (JSON.parse(line).machine as string) : 'nobody')));
}

const settles = (what: string, url: string, machines: readonly string[]) =>
  until(what, async () => {
    const found = await answering(url);
    return found.size === machines.length && machines.every((one) => found.has(one));
  });

describe('a Machine with a service', () => {
  it('serves beside the machines of its App, until it is cordoned or stopped', async () => {
    const [own = ''] = await acme
      .namesWith('airfield.dev/app=hello', 'pods')
      .then((all) => all.map((one) => one.slice(4)));
    await settles('the App to answer', 'http://hello/', [own]);
    await acme.apply(helloMachine('beside', { services: ports(80) }));
    const { id = '' } = await reaches(acme, 'beside', 'started');
    await settles('both to answer', 'http://hello/', [own, id]);

    await patchMachine(acme, 'beside', { cordoned: true });
    await settles('the App alone to answer', 'http://hello/', [own]);
    expect((await reaches(acme, 'beside', 'started')).restarts).toBe(0);

    await patchMachine(acme, 'beside', { cordoned: false });
    await settles('both to answer again', 'http://hello/', [own, id]);

    await patchMachine(acme, 'beside', { state: 'stopped' });
    await reaches(acme, 'beside', 'stopped');
    await settles('the App alone to answer again', 'http://hello/', [own]);
  });

  it('may serve on a port that its App has not, and takes it along when it goes', async () => {
    await acme.apply(helloMachine('apart', { services: ports(9000) }));
    const { id = '' } = await reaches(acme, 'apart', 'started');
    await settles('it alone to answer', 'http://hello:9000/', [id]);
    await acme.kubectl(['delete', 'machine', 'apart']);
    await until('the port to be gone', async () => {
      const service = await acme.get<{ spec: { ports: { port: number }[] } }>('service', 'hello');
      return !service.spec.ports.some(({ port }) => port === 9000);
    });
  });

  it('makes a Service for an App that serves nothing itself', async () => {
    await acme.apply(clientApp('quiet'));
    await acme.waitReady('quiet');
    await acme.apply(helloMachine('loud', { app: 'quiet', image: 'airfield.local/hello:1', services: ports(80) }));
    const { id = '' } = await reaches(acme, 'loud', 'started');
    await settles('it to answer', 'http://quiet/', [id]);
    await settles('it to answer by the other name', 'http://quiet.flycast/', [id]);
  });
});
