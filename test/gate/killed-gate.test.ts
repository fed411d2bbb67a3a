import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { haproxyCommand, haproxyPreStop } from '../../src/gate/haproxy-command.ts';
import { routeName } from '../../src/gate/route-name.ts';
import { paths } from '../../src/gate/settings.ts';
import { freePort } from '../cluster/free-ports.ts';
import { route, until } from './gate.ts';
import { gateFolder, machine } from './gate-folder.ts';
import { ask, httpMachine, talk, tcpMachine } from './machines.ts';

type Paths = ReturnType<typeof paths>;

/** Asks without a pause until `end`, which gives back what did not go well, and how many did. */
function askOnAndOn(port: number) {
  let isOver = false;
  const failures: unknown[] = [];
  let answered = 0;
  const client = async () => {
    while (!isOver) {
      const { status } = await ask(port).catch((error: Error) => ({ status: error.message }));
      if (status === 200) answered++;
      else failures.push(status);
      await pause(5);
    }
  };
  const clients = [client(), client()];
  return {
    answered: () => answered,
    end: () => {
      isOver = true;
      return Promise.all(clients).then(() => failures);
    },
  };
}

describe.each(['child', 'beside'] as const)('HAProxy (%s) of a gate that is killed', (mode) => {
  it('serves on, keeps who waits, and is taken over by the next gate', async () => {
    const web = await route({ internalPort: await freePort() });
    const idle = await route({ app: 'idle', internalPort: await freePort() });
    const echo = await route({ app: 'echo', mode: 'tcp', internalPort: await freePort() });
    await httpMachine(web.internalPort, (_, response) => response.end('hi'));
    await tcpMachine(echo.internalPort, (socket) =>
      socket.on('data', (data) => socket.write(data)).on('end', () => socket.end()),
    );
    const asleep = await route({ app: 'asleep', mode: 'tcp', internalPort: await freePort() });
    const routes = [web, idle, echo, asleep];
    const wakes = [idle, asleep].map((one) => `wake ${routeName(one)}`);
    const gate = await gateFolder(mode);
    const machines = [
      [routeName(web), [machine]],
      [routeName(echo), [machine]],
    ] as const;
    const first = await gate.start({ routes, machines });
    const stream = talk(echo.listenPort, 'before ');
    const requests = askOnAndOn(web.listenPort);
    await until(requests.answered).toBeGreaterThan(10);
    const held = [ask(idle.listenPort), ask(idle.listenPort, { method: 'POST', body: 'x'.repeat(50_000) })];
    const mail = talk(asleep.listenPort, '');
    await until(() => first.lines).toEqual(expect.arrayContaining(wakes));
    const pid = gate.pid();

    first.child.kill('SIGKILL');
    await new Promise((resolve) => first.child.once('exit', resolve));
    const late = ask(idle.listenPort);
    const before = requests.answered();
    await until(requests.answered).toBeGreaterThan(before + 10);

    const second = await gate.start({ routes: [...routes, await route({ app: 'added' })], machines });
    await until(() => second.lines).toEqual(expect.arrayContaining(wakes));
    await until(() => second.tell({ held: true }) && second.lines.at(-1)).toBe(
      `held 1 ${routeName(asleep)},3 ${routeName(idle)}`,
    );
    await tcpMachine(
      asleep.internalPort,
      (socket) =>
        void socket
          .on('end', () => socket.end())
          .resume()
          .write('220\n'),
    );
    second.set(routeName(asleep), [machine]);
    await httpMachine(idle.internalPort, (request, response) =>
      request.resume().on('end', () => response.end('awake')),
    );
    second.set(routeName(idle), [machine]);
    const bodies = (await Promise.all([...held, late])).map(({ body }) => body);
    expect(bodies).toEqual(['awake', 'awake', 'awake']);
    expect(await requests.end()).toEqual([]);
    mail.socket.end();
    expect(await mail.said).toBe('220\n');
    stream.socket.end('after');
    expect(await stream.said).toBe('before after');
    expect([gate.pid(), gate.isUp()]).toEqual([pid, true]);
    expect(second.lines.filter((line) => line.startsWith('problem'))).toEqual([]);

    second.child.kill();
    await until(gate.isUp).toBe(false);
  });

  it.each([
    ['has written a configuration', ({ nextConfig }: Paths) => existsSync(nextConfig)],
    ['is about to have it loaded', ({ config }: Paths) => readFileSync(config, 'utf8').includes('/run-2.sock')],
    ['sees it loaded', ({ runtime }: Paths) => existsSync(runtime(2))],
  ])('is taken over, also where that one %s', async (_, isThere) => {
    const web = await route({ internalPort: await freePort() });
    await httpMachine(web.internalPort, (_, response) => response.end('hi'));
    const gate = await gateFolder(mode);
    const machines = [[routeName(web), [machine]]] as const;
    const first = await gate.start({ routes: [web], machines });
    const requests = askOnAndOn(web.listenPort);
    await until(requests.answered).toBeGreaterThan(1);
    const pid = gate.pid();
    const hostile = { http: { responseHeaders: { x: ['/run-99999999999999999999.sock'] } } };
    first.tell({ routes: [web, await route({ app: 'added', ...hostile })] });
    while (!isThere(paths(gate.settings))) await pause(1);
    first.child.kill('SIGKILL');
    await new Promise((resolve) => first.child.once('exit', resolve));
    const last = await route({ app: 'last' });
    await gate.start({ routes: [web, last], machines });
    const { socket } = talk(last.listenPort, '');
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    expect(await requests.end()).toEqual([]);
    expect([gate.pid(), gate.isUp()]).toEqual([pid, true]);
  });
});

describe('HAProxy in a container of its own', () => {
  const started = async () => {
    const web = await route({ internalPort: await freePort() });
    await httpMachine(web.internalPort, (_, response) => response.end('hi'));
    const gate = await gateFolder('beside');
    const plane = await gate.start({ routes: [web], machines: [[routeName(web), [machine]]] });
    return { web, gate, plane };
  };
  const answer = (port: number) =>
    ask(port).then(
      ({ body }) => body,
      () => '',
    );

  it('is taken up again when it has been started again', async () => {
    const { web, gate, plane } = await started();
    process.kill(gate.pid(), 'SIGKILL');
    await until(gate.isUp).toBe(false);
    const again = gate.beside();
    onTestFinished(() => void again.kill('SIGKILL'));
    plane.set(routeName(web), []);
    await until(() => plane.lines).toContain('problem HAProxy has exited: it is started again');
    await until(gate.isUp).toBe(true);
    await until(() => readFileSync(paths(gate.settings).config, 'utf8').includes('/run-2.sock')).toBe(true);
    plane.set(routeName(web), [machine]);
    await until(() => answer(web.listenPort)).toBe('hi');
  });

  it('ends by its hook where there is no gate to end it', async () => {
    const { gate, plane } = await started();
    plane.child.kill('SIGKILL');
    const [command, ...args] = haproxyPreStop;
    const hook = spawn(command, args, { env: gate.env, stdio: 'ignore' });
    await new Promise((resolve) => hook.once('exit', resolve));
    expect(gate.isUp()).toBe(false);
  });
});

it('Kubernetes finds nothing to replace in the command', () => {
  expect(haproxyCommand[2]).not.toMatch(/\$[$(]/);
});

it('the page says the commands as they are', () => {
  const page = readFileSync(new URL('../../docs/gate.md', import.meta.url), 'utf8');
  for (const command of [haproxyCommand, haproxyPreStop]) expect(page).toContain(`- ${command[2]}\n`);
});

it('a gate does not start where another one runs', async () => {
  const gate = await gateFolder('child');
  await gate.start({ routes: [], machines: [] });
  const { DataPlane } = await import('../../src/gate/data-plane.ts');
  const other = new DataPlane(gate.settings, { onWake: () => {}, onProblem: () => {} });
  await expect(other.start([])).rejects.toThrow('another gate runs');
  await other.leave();
  expect(gate.isUp()).toBe(true);
});
