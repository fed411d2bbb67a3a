import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { app, helloImage } from './apps.ts';
import { Gates } from './gates.ts';
import { kubectl, Namespace, until } from './kubectl.ts';
import { OperatorProcess } from './operator.ts';
import { replicas, sleeps } from './scaled-apps.ts';

/** Who reaches an App that gates stand in front of: those alone who may reach its machines. */
let operators: OperatorProcess[];
let gates: Gates;
let home: Namespace;
let away: Namespace;

beforeAll(async () => {
  [home, away] = await Promise.all([Namespace.create('gated-home'), Namespace.create('gated-away')]);
  gates = await Gates.start({ policy: true, env: { AIRFIELD_GATE_NAMESPACE: home.name } });
  const env = {
    AIRFIELD_GATES_NAMESPACE: gates.namespace,
    AIRFIELD_GATES_TOKEN: gates.token,
    AIRFIELD_GATES_POLICIES: 'on',
    AIRFIELD_STOP_AFTER: '3s',
  };
  operators = await Promise.all([home, away].map((namespace) => OperatorProcess.startInside(namespace, { env })));
  await home.apply(
    hello(),
    caller('friend'),
    caller('stranger', { name: 'other' }),
    caller('closed', { egress: [{ app: 'hello' }] }),
    caller('elsewhere', { egress: [{ app: 'friend' }] }),
  );
  await away.apply(caller('client'));
  const callers = ['friend', 'stranger', 'closed', 'elsewhere'];
  await Promise.all([...callers.map((name) => home.waitReady(name)), away.waitReady('client')]);
});
afterAll(async () => {
  await Promise.all([home?.delete(), away?.delete(), gates?.stop()]);
  await Promise.all((operators ?? []).map((operator) => operator.stop()));
});

const hello = (network: AppSpecInput['network'] = {}) =>
  app('hello', {
    image: helloImage,
    network,
    services: [{ internalPort: 8080, autoStop: 'stop', ports: [{ port: 80, handlers: ['http'] }] }],
  });

const caller = (name: string, network: AppSpecInput['network'] = {}) => {
  const processes = [{ name: 'app', command: ['sleep', '86400'] }];
  return app(name, { image: 'airfield.local/echo:1', killSignal: 'SIGKILL', network, processes });
};

interface Ports {
  spec: { ports: { targetPort: string }[] };
}

/** Where hello is: its Service, its other name, and the port of each gate, as host and port. */
async function ways(): Promise<[string, number][]> {
  const { spec } = await home.get<Ports>('service', 'hello');
  const port = Number(spec.ports[0]?.targetPort.replace('gate-', ''));
  const pods = await gates.pods();
  return [
    [`hello.${home.name}`, 80],
    [`hello.flycast.${home.name}.svc.cluster.local`, 80],
    ...pods.map(({ address }): [string, number] => [address, port]),
  ];
}

/** Tells of each way whether somebody takes the connection. */
const connectAll = `
  const connect = ([host, port]) => new Promise((resolve) => {
    const end = (outcome) => { socket.destroy(); resolve(outcome); };
    const socket = net.connect(port, host, () => end(true)).on('error', () => end(false)).setTimeout(3000, () => end(false));
  });
  Promise.all(JSON.parse(process.argv[1]).map(connect)).then((all) => console.log(JSON.stringify(all)));`;

/** Whether a machine of `app` connects to hello, on each way: a gate takes connections also while hello sleeps. */
async function connects(from: Namespace, app: string): Promise<boolean[]> {
  return JSON.parse(await from.exec(app, 'node', '-e', connectAll, JSON.stringify(await ways())));
}

/** Which App answers a machine of `app`, however long it takes to wake up. */
async function answers(from: Namespace, app: string, host: string): Promise<unknown> {
  const ask = `fetch('http://${host}/').then((answer) => answer.json()).then(({ app }) => console.log(app))`;
  return (await from.exec(app, 'node', '-e', ask)).trim();
}

const all = (tried: readonly boolean[]) => tried.length === 4 && tried.every(Boolean);
const none = (tried: readonly boolean[]) => tried.length === 4 && !tried.some(Boolean);

describe('a gated App', () => {
  it('lets in Apps of its network, by all of its names, also while it wakes for them', async () => {
    for (const way of [0, 1]) {
      await sleeps(home, 'hello');
      const [host] = (await ways())[way] ?? [];
      expect(await until('an answer', () => answers(home, 'friend', `${host}`))).toBe('hello');
    }
    await until('all connections to be let through', async () => all(await connects(home, 'friend')));
  });

  it('is reached by whoever has a closed way out which names it, and by nobody whose names others', async () => {
    await until('the way of that one to be open', async () => all(await connects(home, 'closed')));
    expect(none(await connects(home, 'elsewhere'))).toBe(true);
  });

  it('keeps out another network and another namespace, and does not wake for them', async () => {
    await sleeps(home, 'hello');
    expect(await connects(home, 'stranger')).toEqual([false, false, false, false]);
    expect(await connects(away, 'client')).toEqual([false, false, false, false]);
    expect(await replicas(home, 'hello')).toBe(0);
  });

  it('lets in another namespace as long as it is allowed', async () => {
    const allowFrom = [{ namespace: away.name, app: 'client', ports: [{ port: 8080 }] }];
    await home.apply(hello({ allowFrom }));
    await until('the connection to be let through', async () => all(await connects(away, 'client')));
    expect(await answers(away, 'client', `hello.${home.name}`)).toBe('hello');
    expect(none(await connects(home, 'stranger'))).toBe(true);
    await home.apply(hello());
    await until('the connection to be refused', async () => none(await connects(away, 'client')));
  });

  it('leaves nothing at the gates when it goes', async () => {
    const policies = () => kubectl(['--namespace', gates.namespace, 'get', 'networkpolicies', '-o', 'name']);
    expect((await policies()).trim().split('\n')).toHaveLength(2);
    await home.kubectl(['delete', 'app', 'hello']);
    await until('its policy to go', async () => (await policies()).trim() === 'networkpolicy.networking.k8s.io/gate');
  });
});
