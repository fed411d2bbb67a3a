import { describe, expect, it } from 'vitest';
import type { Route } from '../../src/api/route.ts';
import { routeName } from '../../src/gate/route-name.ts';
import { toldLoad } from '../../src/gate/told-load.ts';
import { freePort } from '../cluster/free-ports.ts';
import { gate, type PortRoute, route, type TestGate, until } from './gate.ts';
import { type Answer, ask, httpMachine, talk, tcpMachine } from './machines.ts';

const machine = { name: 'm-1' };
const hosts = ['a.example'];
const secure = { servername: 'a.example' };

/** The ports 80 and 443 of one service. */
async function ports(fields: object = {}, ofPort80: object = {}): Promise<[http: PortRoute, https: PortRoute]> {
  const both = { internalPort: await freePort(), hosts, ...fields };
  return [await route({ ...both, ...ofPort80 }), await route({ ...both, port: 443, tls: { selfSigned: true } })];
}

/** As a gate does: the machines of each of them. */
const serveAll = ({ serve }: TestGate, routes: readonly Route[], ...machines: Parameters<TestGate['serve']>[1][]) => {
  for (const one of routes) serve(one, ...machines);
};

const headers = { host: 'a.example' };
const plainly = ({ listenPort }: PortRoute) => ask(listenPort, { headers });
const securely = ({ listenPort }: PortRoute) => ask(listenPort, { headers, secure });
const askBoth = ([http, https]: readonly [PortRoute, PortRoute]) => [plainly(http), securely(https)];
const echo = ({ internalPort }: Route) =>
  httpMachine(internalPort, ({ headers }, response) => response.end(JSON.stringify(headers)));
/** What the machine was told of the port. */
const port = async (answer: Promise<Answer>) => {
  const told = JSON.parse((await answer).body);
  return [told['x-forwarded-port'], told['fly-forwarded-port'], told['x-forwarded-proto']];
};

/** What a machine does that ends nothing until it may: it counts what is under way at once. */
function slowMachine() {
  const ends: (() => void)[] = [];
  const seen = { open: 0, most: 0 };
  const begin = (end: () => void) => {
    seen.most = Math.max(seen.most, ++seen.open);
    ends.push(() => {
      seen.open--;
      end();
    });
  };
  return { seen, begin, endAll: () => ends.splice(0).forEach((end) => void end()) };
}

/** Twelve are under way or wait, however slowly they have come; then they may end. */
async function limitedToThree(
  { plane }: TestGate,
  { seen, endAll }: ReturnType<typeof slowMachine>,
  all: Promise<unknown>,
) {
  const queued = async () => (await plane.load()).routes.reduce((sum, { queued }) => sum + queued, 0);
  await until(queued).toBe(9);
  const ending = setInterval(endAll, 5);
  await all.finally(() => clearInterval(ending));
  expect(seen).toEqual({ open: 0, most: 3 });
}

describe('a hardLimit of a service with two ports', () => {
  it.each(['requests', 'connections'])('of %s is that of both together', async (type) => {
    const both = await ports({ concurrency: { type, hardLimit: 3 } });
    const one = await gate(both);
    const slow = slowMachine();
    await httpMachine(both[0].internalPort, (_, response) => slow.begin(() => response.end()));
    serveAll(one, both, machine);
    const answers = Array.from({ length: 6 }, () => askBoth(both)).flat();
    await limitedToThree(one, slow, Promise.all(answers));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(answers.map(() => 200));
  });

  it('of bytes is that of both together', async () => {
    const first = await route({ mode: 'tcp', concurrency: { hardLimit: 3 } });
    const both = [first, { ...first, port: 81, listenPort: await freePort() }];
    const one = await gate(both);
    const slow = slowMachine();
    await tcpMachine(first.internalPort, (socket) => {
      socket.once('data', (data) => slow.begin(() => socket.end(data)));
    });
    serveAll(one, both, machine);
    const said = Array.from({ length: 6 }, (_, index) =>
      both.map(({ listenPort }) => talk(listenPort, `${index}`, { andEnd: true }).said),
    ).flat();
    await limitedToThree(one, slow, Promise.all(said));
    expect(await Promise.all(said)).toEqual(said.map((_, index) => `${Math.floor(index / 2)}`));
  });
});

it('a machine is asked for once, for whoever waits on any port', async () => {
  const both = await ports();
  const one = await gate(both);
  const answers = askBoth(both);
  const name = routeName(both[0]);
  await until(() => one.plane.held()).toEqual(new Map([[name, 2]]));
  expect(one.wakes).toEqual([name]);
  await echo(both[0]);
  serveAll(one, both, machine);
  expect(await Promise.all(answers.map(port))).toEqual([
    ['80', '80', 'http'],
    ['443', '443', 'https'],
  ]);
});

it('the load of a machine is told once, and a drain is one of both ports', async () => {
  const both = await ports();
  const one = await gate(both);
  const { plane } = one;
  const done: (() => void)[] = [];
  await httpMachine(both[0].internalPort, (_, response) => void done.push(() => response.end()));
  serveAll(one, both, machine);
  const answers = askBoth(both);
  await until(() => done.length).toBe(2);
  const told = async () => {
    const routes = new Map(both.map((each) => [routeName(each), each]));
    const isLeaving = (name: string, of: string) => !plane.takesNew(name, of);
    const seen = { backendOf: (name: string) => plane.backendOf(name), load: await plane.load(), held: plane.held() };
    return toldLoad({ routes, isLeaving, ...seen }).map(({ port, machines }) => ({ port, machines }));
  };
  const ofPorts = (leaving: boolean, current: number) => [
    { port: 80, machines: [{ machine: 'm-1', current, queued: 0, lastBeganSeconds: expect.any(Number), leaving }] },
    { port: 443, machines: [{ machine: 'm-1', current: 0, queued: 0, leaving }] },
  ];
  await until(told).toEqual(ofPorts(false, 2));
  serveAll(one, both, { ...machine, leaving: true });
  await until(told).toEqual(ofPorts(true, 2));
  for (const end of done) end();
  await Promise.all(answers);
  await until(told).toEqual(ofPorts(true, 0));
});

describe('what differs from port to port', () => {
  it('is the same at the edge', async () => {
    const both = await ports();
    const [edgeHttp, edgeHttps] = [await freePort(), await freePort()];
    const one = await gate(both, { edgeHttp, edgeHttps });
    await echo(both[0]);
    serveAll(one, both, machine);
    expect(await port(ask(edgeHttp, { headers }))).toEqual(['80', '80', 'http']);
    expect(await port(ask(edgeHttps, { headers, secure }))).toEqual(['443', '443', 'https']);
  });

  it('is what is led to https, which wakes nobody', async () => {
    const both = await ports({}, { http: { forceHttps: true } });
    const [edgeHttp, edgeHttps] = [await freePort(), await freePort()];
    const one = await gate(both, { edgeHttp, edgeHttps });
    const moved = {
      status: 301,
      headers: { location: 'https://a.example/', server: 'airfield', 'fly-request-id': expect.any(String) },
    };
    expect(await ask(both[0].listenPort, { headers })).toMatchObject(moved);
    expect(await ask(edgeHttp, { headers })).toMatchObject({
      status: 301,
      headers: { location: moved.headers.location },
    });
    expect([one.wakes, one.plane.held()]).toEqual([[], new Map()]);
    await echo(both[0]);
    serveAll(one, both, machine);
    for (const at of [both[1].listenPort, edgeHttps]) {
      expect(await port(ask(at, { headers, secure }))).toEqual(['443', '443', 'https']);
    }
    expect(await ask(both[0].listenPort, { headers })).toMatchObject(moved);
  });
});

describe('a lower port that comes later', () => {
  it('loses nobody who waits', async () => {
    const [http, https] = await ports();
    const one = await gate([https]);
    const waiting = securely(https);
    await until(() => one.wakes).toEqual([routeName(https)]);
    await one.plane.setRoutes([http, https]);
    const other = plainly(http);
    await until(() => one.plane.held().size).toBe(2);
    await echo(http);
    serveAll(one, [http, https], machine);
    expect((await port(other))[0]).toBe('80');
    expect((await port(waiting))[0]).toBe('443');
  });

  it('leaves those before it as they were while HAProxy refuses it', async () => {
    const [http, https] = await ports();
    const one = await gate([https]);
    await echo(https);
    serveAll(one, [https], machine);
    expect(await securely(https)).toMatchObject({ status: 200 });
    const taken = await httpMachine(http.listenPort, () => {});
    await expect(one.plane.setRoutes([http, https])).rejects.toThrow();
    serveAll(one, [http, https], machine);
    const takesNew = () => one.plane.takesNew(routeName(https), 'm-1');
    await until(takesNew).toBe(true);
    serveAll(one, [http, https], { ...machine, leaving: true });
    await until(takesNew).toBe(false);
    serveAll(one, [http, https], machine);
    await until(takesNew).toBe(true);
    expect(await securely(https)).toMatchObject({ status: 200 });
    taken.close();
    await one.plane.setRoutes([http, https]);
    expect(await port(plainly(http))).toEqual(['80', '80', 'http']);
  });
});
