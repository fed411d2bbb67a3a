import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { MachineSpecInput } from '../../../src/api/machine.ts';
import { killSecondKubelet, startSecondKubelet } from '../../cluster/embedded/restart.ts';
import { clientApp } from '../apps.ts';
import { kubectl, Namespace, patience, until } from '../kubectl.ts';
import { forEver, patchMachine, reaches, readMachine, readyOf, shellMachine } from '../machine-kind.ts';
import { OperatorProcess } from '../operator.ts';

let operator: OperatorProcess;
let acme: Namespace;
let nodes: string[];

/** Machines of each kind, which begin on the second node, as its region is preferred. */
const kinds: Readonly<Record<string, Partial<MachineSpecInput>>> = {
  always: {},
  retried: { restart: { policy: 'onFailure' } },
  once: { restart: { policy: 'no' } },
  'with-volume': { mounts: [{ name: 'data', destination: '/data', size: '1Mi' }] },
};

const told = async (name: string) => readyOf((await readMachine(acme, name)).status);
const says = (name: string, text: RegExp) =>
  until(`${name} to say ${text}`, async () => text.test((await told(name))?.message ?? ''));

// Only there can a test take a node away.
describe.runIf(inject('provider') === 'embedded')('a Machine whose node does not answer', () => {
  beforeAll(async () => {
    operator = await OperatorProcess.start();
    acme = await Namespace.create('machine-node');
    const list = await kubectl(['get', 'nodes', '-o', 'name']);
    nodes = list
      .trim()
      .split('\n')
      .map((name) => name.replace('node/', ''))
      .sort();
    await acme.apply(clientApp('hello', { processes: [{ name: 'app', count: 0 }] }));
    const all = Object.entries(kinds).map(([name, spec]) => shellMachine(name, forEver, { region: 'fra', ...spec }));
    await acme.apply(...all);
    for (const name of Object.keys(kinds)) {
      const { node } = await reaches(acme, name, 'started', (status) => readyOf(status)?.status === 'True');
      expect(node, name).toBe(nodes[1]);
    }
    await killSecondKubelet(inject('cluster'));
  });
  afterAll(async () => {
    await startSecondKubelet(inject('cluster')).catch(() => undefined);
    await kubectl(['wait', '--for=condition=Ready', `node/${nodes[1]}`, `--timeout=${patience}ms`]);
    await acme.delete();
    await operator.stop();
  });

  it('says so before Kubernetes has given the node up', async () => {
    await says('always', /node \S+-2 of machine always-\S+ does not answer; it is started elsewhere when/);
  });

  it.each(['always', 'retried'])('%s is started elsewhere', async (name) => {
    const status = await reaches(acme, name, 'started', ({ node }) => node === nodes[0]);
    expect(readyOf(status)).toMatchObject({ status: 'True', reason: 'Running' });
    expect(status.version).toBe((await readMachine(acme, name)).status.version);
  });

  it('once waits, for it must not run twice, and says for what', async () => {
    await says('once', /does not answer; its program must not run twice, so it waits until the node answers/);
    expect((await readMachine(acme, 'once')).status).toMatchObject({ state: 'started' });
    expect(await told('once')).toMatchObject({ status: 'False', reason: 'NodeNotAnswering' });
  });

  it('with a volume of that node waits for the node, and says so', async () => {
    await says('with-volume', /does not answer; it is to be started elsewhere; .* no node can take it \(.*volume/i);
  });

  it('goes on when the node answers again', async () => {
    await patchMachine(acme, 'retried', { state: 'stopped' });
    await startSecondKubelet(inject('cluster'));
    const once = await reaches(acme, 'once', 'stopped');
    expect(once.events?.[0]).toMatchObject({ type: 'exit', exit: { requestedStop: true, restarting: false } });
    const kept = await reaches(acme, 'with-volume', 'started', (status) => readyOf(status)?.status === 'True');
    expect(kept.node).toBe(nodes[1]);
    await reaches(acme, 'retried', 'stopped');
  });
});
