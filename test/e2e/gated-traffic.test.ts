import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { app } from './apps.ts';
import { Caller } from './caller.ts';
import { Gates } from './gates.ts';
import { Held } from './held.ts';
import { Namespace, until } from './kubectl.ts';
import { OperatorProcess } from './operator.ts';
import { replicas, runs, sleeps } from './scaled-apps.ts';
import { Traffic } from './traffic.ts';

/** What programs do that are no browsers, through gates that an operator leads Apps to. */
let namespace: Namespace;
let gates: Gates;
let operator: OperatorProcess;
let caller: Caller;

type Service = NonNullable<AppSpecInput['services']>[number];

beforeAll(async () => {
  namespace = await Namespace.create('gated');
  // On a busy machine kube-proxy hears of other endpoints only after seconds.
  gates = await Gates.start({ drain: 10, env: { AIRFIELD_GATE_NAMESPACE: namespace.name } });
  operator = await OperatorProcess.startInside(namespace, {
    env: {
      AIRFIELD_GATES_NAMESPACE: gates.namespace,
      AIRFIELD_GATES_TOKEN: gates.token,
      AIRFIELD_STOP_AFTER: '3s',
    },
  });
  await namespace.apply(
    echo('bytes', http(), tcp(7000), tcp(7001)),
    echo('proxied', {
      ...tcp(7002),
      ports: (['v1', 'v2'] as const).map((version, index) => ({
        ...{ port: 7021 + index, handlers: ['proxyProto'], proxyProtoOptions: { version } },
      })),
    }),
    echo('mail', tcp(2525)),
    echo('by-hand', { ...http(), autoStart: false }),
    echo('secure', http({ forceHttps: true })),
    echo('busy', {
      ...http({ httpOptions: { idleTimeout: '10m' } }),
      concurrency: { type: 'requests', softLimit: 2 },
      minMachinesRunning: 1,
    }),
    echo('other', http()),
    echo('kept', http(), { ...tcp(2525), minMachinesRunning: 1 }),
  );
  caller = await Caller.start(namespace);
});
afterAll(async () => {
  await Promise.all([namespace?.delete(), gates?.stop()]);
  await operator?.stop();
});

const tcp = (internalPort: number): Service => ({ internalPort, autoStop: 'stop', ports: [{ port: internalPort }] });

const http = (more: object = {}): Service => ({
  internalPort: 8080,
  autoStop: 'stop',
  ports: [{ port: 80, handlers: ['http'], ...more }],
});

const echo = (name: string, ...services: Service[]) =>
  app(name, { image: 'airfield.local/echo:1', count: 2, services });

/** Waits until the App has this event; the operator writes it a moment after what it tells of. */
async function tells(name: string, reason: string, message: string | RegExp): Promise<void> {
  const selector = `involvedObject.name=${name},reason=${reason}`;
  const path = String.raw`-o=jsonpath={range .items[*]}{.message}{"\n"}{end}`;
  await until(`${name} to tell ${reason}: ${message}`, async () => {
    const output = await namespace.kubectl(['get', 'events', '--field-selector', selector, path]);
    return output.split('\n').some((told) => told.match(message));
  });
}

const number = 100_000_000;
const hash = createHash('sha256').update(Buffer.alloc(number, 'airfield')).digest('hex');

/** Prints the hash of all that a stream says until there are `number` bytes. */
const hashOf = `async (stream) => {
  const hash = crypto.createHash('sha256');
  let left = ${number};
  for await (const part of stream) {
    hash.update(part);
    left -= part.length;
    if (left <= 0) break;
  }
  console.log(left === 0 ? hash.digest('hex') : left + ' bytes are missing');
}`;

describe.concurrent('what goes through gates', () => {
  it('wakes a server that speaks first', async () => {
    await sleeps(namespace, 'mail');
    const greeting = "net.connect(2525, 'mail').once('data', (said) => { console.log(String(said)); process.exit(); })";
    expect(await caller.node(greeting)).toMatch(/^220 mail-app-/);
    await tells('mail', 'Started', 'started machine 1 of 2 of app: a request waited for it');
  });

  it('is heard to its end where one side has no more to say', async () => {
    const program = `(async () => {
      const socket = net.connect({ host: 'bytes', port: 7000, allowHalfOpen: true }).end('all of it');
      let said = '';
      for await (const part of socket) said += part;
      console.log(said);
    })()`;
    expect(await caller.node(program)).toBe('all of it');
  });

  it('is complete where there is much of it, in TCP and in HTTP', async () => {
    const asked = `const socket = net.connect(7001, 'bytes'); socket.write('${number}\\n'); (${hashOf})(socket)`;
    expect(await caller.node(asked)).toBe(hash);
    const got = `fetch('http://bytes/bytes?number=${number}').then(({ body }) => (${hashOf})(body))`;
    expect(await caller.node(got)).toBe(hash);
  });

  it.each([1, 2])('comes with the address of the client, in version %i of the PROXY protocol', async (version) => {
    const read = `net.connect(${7020 + version}, 'proxied', function () { this.write('hello'); })
      .once('data', (said) => console.log(String(said)))`;
    expect(JSON.parse(await caller.node(read))).toMatchObject({ version, from: caller.address });
  });

  it('may be a WebSocket', async () => {
    const program = `
      const socket = new WebSocket('ws://bytes/');
      socket.onopen = () => socket.send('hello');
      socket.onmessage = ({ data }) => { console.log(data); socket.close(); };`;
    expect(await caller.node(program)).toBe('hello');
  });

  it('arrives event by event', async () => {
    const program = `fetch('http://bytes/events?number=1000&every=1000').then(async ({ body }) => {
      let said = '';
      for await (const part of body) {
        said += Buffer.from(part);
        if (said.includes('data: 2')) break;
      }
      console.log(said);
    })`;
    expect(await caller.node(program)).toBe('data: 1\n\ndata: 2');
  });

  it('is refused while no machine runs that may not be started, and says why', async () => {
    await sleeps(namespace, 'by-hand');
    const { status: code, body } = await caller.get('http://by-hand/');
    expect(code).toBe(503);
    expect(body).toContain('no machine of this App runs, and autoStart is false: start one');
    expect(await replicas(namespace, 'by-hand')).toBe(0);
  });

  it('is led to https without waking anybody', async () => {
    await sleeps(namespace, 'secure');
    const { status: code, headers } = await caller.get('http://secure/page?number=1');
    expect([code, headers.location]).toEqual([301, 'https://secure/page?number=1']);
    expect(await replicas(namespace, 'secure')).toBe(0);
  });

  it('stays where 1,000 connections say nothing while other Apps come', async () => {
    await namespace.waitReady('kept');
    const held = await Held.open(namespace, { host: 'kept', port: 2525, number: 1000 });
    await held.haveHeard(1000);
    for (const name of ['late-1', 'late-2', 'late-3']) {
      await namespace.apply(echo(name, http()));
      await until(`${name} to be served`, async () => (await caller.get(`http://${name}/`)).status === 200);
    }
    expect(await held.counts()).toEqual({ heard: 1000, closed: 0 });
    expect(await held.ask('still there')).toEqual({ heard: 1000, closed: 0 });
    await held.close();
  });

  it('has one more machine while there is too much of it for one, and the fewest otherwise', async () => {
    await namespace.waitReady('busy');
    const first = 'GET /forever HTTP/1.1\r\nHost: busy\r\n\r\n';
    const held = await Held.open(namespace, { host: 'busy', port: 80, number: 3, first });
    await runs(namespace, 'busy', 2);
    const why = 'all running ones are over the soft limit of 2 requests';
    await tells('busy', 'Started', `started machine 2 of 2 of app: ${why}`);
    await held.close();
    await runs(namespace, 'busy', 1);
    await tells('busy', 'Stopped', /^stopped busy-app-\S+ of app: fewer have been enough for 3s, 1 of 2 run$/);
    await caller.get('http://other/');
    await sleeps(namespace, 'other');
    expect(await replicas(namespace, 'busy')).toBe(1);
  });
});

describe('an App without any gate', () => {
  const isGated = async () => (await caller.get('http://kept/')).headers['fly-request-id'] !== undefined;

  it('is served directly while its machine runs, by gates as soon as there are some, and without a break', async () => {
    const visitors = await Traffic.start(namespace, 'kept', { rate: 50 });
    expect(await isGated()).toBe(true);
    await gates.scale(0);
    await until('the machine itself to answer', async () => !(await isGated()));
    await gates.scale(2);
    await until('gates to answer', isGated);
    const { sent, ok, failures } = await visitors.stop();
    expect(failures).toEqual([]);
    expect(ok).toBe(sent);
  });
});
