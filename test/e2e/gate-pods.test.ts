import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { gatedByHand } from './gated-by-hand.ts';
import { type GatePod, Gates } from './gates.ts';
import { Namespace, until } from './kubectl.ts';

let gates: Gates;
let space: Namespace;

beforeAll(async () => {
  space = await Namespace.create('gated');
  // Whoever chooses ports by hand wants no other routes beside.
  gates = await Gates.start({ env: { AIRFIELD_GATE_NAMESPACE: space.name } });
  const container = { name: 'client', image: 'airfield.local/echo:1', command: ['sleep', '86400'] };
  await space.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'client' },
    spec: { terminationGracePeriodSeconds: 1, containers: [container] },
  });
  await space.wait('condition=Ready', 'pod/client');
});
afterAll(() => Promise.all([space?.delete(), gates?.stop()]));

/** Node.js in a pod, with `net` and `http` at hand. */
const inside = (program: string) => space.kubectl(['exec', 'client', '--', 'node', '-e', program]);

/** Who answers through one gate, past the Service. */
const machineBy = async ({ address }: Pick<GatePod, 'address'>): Promise<string> =>
  JSON.parse(await inside(`fetch('http://${address}:21001/').then((r) => r.text()).then(console.log)`)).machine;

/** An App with HTTP on port 80 and a server that speaks first on port 25, as soon as both gates listen for it. */
async function gated(name: string, listenPort: number): Promise<void> {
  const addresses = (await gates.pods()).map(({ address }) => address);
  const routes = [
    { listenPort, port: 80, internalPort: 8080, mode: 'http' } as const,
    { listenPort: listenPort + 1, port: 25, internalPort: 2525, mode: 'tcp' } as const,
  ];
  const app = { namespace: space.name, name, image: 'airfield.local/echo:1', routes, gates: addresses };
  await space.apply(...gatedByHand(app));
  // A connection that says nothing wakes nobody where requests are waited for.
  const places = [[80, name], ...addresses.map((address) => [listenPort, address])];
  for (const [port, host] of places) {
    const connect = `net.connect(${port}, '${host}', () => process.exit()).on('error', () => process.exit(1))`;
    await until(`${host}:${port} to be served`, () => inside(connect).then(() => true));
  }
}

async function replicas(name: string): Promise<number> {
  return (await space.get<{ spec: { replicas: number } }>('deployment', `${name}-app`)).spec.replicas;
}

describe('gates as pods', () => {
  it('are on both nodes, and ready', async () => {
    const pods = await gates.pods();
    expect(pods.map(({ isReady }) => isReady)).toEqual([true, true]);
    expect(new Set(pods.map(({ node }) => node)).size).toBe(2);
  });

  it('start a machine for a request that comes through the Service, and answer it', async () => {
    await gated('web', 21_001);
    expect(await replicas('web')).toBe(0);
    const answer = JSON.parse(await inside(`fetch('http://web/').then((r) => r.text()).then(console.log)`));
    expect(answer).toMatchObject({ machine: expect.stringMatching(/^web-app-/), url: '/' });
    expect(answer.headers).toMatchObject({ host: 'web', 'fly-region': 'local', 'fly-request-id': expect.anything() });
    expect(await replicas('web')).toBe(1);
  });

  it('start a machine for a connection in which the server speaks first', async () => {
    await gated('mail', 21_003);
    expect(await replicas('mail')).toBe(0);
    const greeting = `net.connect(25, 'mail').once('data', (said) => { console.log(String(said)); process.exit(); })`;
    expect(await inside(greeting)).toMatch(/^220 mail-app-/);
    expect(await replicas('mail')).toBe(1);
  });

  it('have no need of more than they may, and nothing to complain about', async () => {
    const [lines, said] = await Promise.all([gates.lines('gate'), gates.lines('haproxy')]);
    expect(said.filter((line) => line.includes('[ALERT]'))).toEqual([]);
    expect(lines.filter((line) => !line.startsWith('{"level":"info"'))).toEqual([]);
    expect(lines.filter((line) => line.includes('a machine is asked for'))).toHaveLength(2);
  });

  it.runIf(inject('provider') === 'embedded')(
    'serve while one of their processes is killed, and are whole again',
    async () => {
      const [first] = (await gates.pods()) as [GatePod];
      await gates.kill(first, 'SIGKILL', 'gate');
      expect(await machineBy(first)).toMatch(/^web-app-/);
      const mended = await gates.isBack(first);
      await gates.kill(mended, 'SIGKILL', 'haproxy');
      await gates.isBack(mended);
      expect(await until('HAProxy to serve again', () => machineBy(first))).toMatch(/^web-app-/);
    },
  );

  it('are replaced by others that serve', async () => {
    const before = await gates.pods();
    await gates.restart();
    const after = await until('the old ones to go', async () => {
      const pods = await gates.pods();
      return pods.length === 2 && pods.every(({ name }) => !before.some((old) => old.name === name)) && pods;
    });
    for (const { address } of after || []) {
      expect(await machineBy({ address })).toMatch(/^web-app-/);
    }
  });
});
