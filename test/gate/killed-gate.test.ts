import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { haproxyCommand, haproxyPreStop } from '../../src/gate/haproxy-command.ts';
import { isMasterProcess } from '../../src/gate/master-process.ts';
import { routeName } from '../../src/gate/route-name.ts';
import { type HaproxyMode, paths } from '../../src/gate/settings.ts';
import { freePort, route, until } from './gate.ts';
import { ensureHaproxy } from './haproxy-installed.ts';
import { ask, httpMachine, talk, tcpMachine } from './machines.ts';
import type { Asked, MachinesOf, PlaneStart } from './plane-process.ts';

type Paths = ReturnType<typeof paths>;

const program = fileURLToPath(new URL('plane-process.ts', import.meta.url));
const machine = { name: 'm-1', address: '127.0.0.1', ready: true, leaving: false };

/** A folder of a gate; in mode `beside` HAProxy waits in it for a configuration, as in its container. */
async function folder(haproxyMode: HaproxyMode) {
  await ensureHaproxy();
  const directory = mkdtempSync(join(tmpdir(), 'gate-'));
  const settings = { directory, haproxyMode, region: 'fra', addresses: ['127.0.0.1'], maxConnections: 1000 };
  const env = { ...process.env, AIRFIELD_GATE_DIRECTORY: directory, AIRFIELD_GATE_DRAIN: '0s' };
  const [command, ...args] = haproxyCommand;
  const beside = () => spawn(command, args, { env, stdio: 'ignore' });
  const { master, pid: pidFile } = paths(settings);
  const pid = () => Number(readFileSync(pidFile, 'utf8'));
  const children: ChildProcess[] = haproxyMode === 'beside' ? [beside()] : [];
  onTestFinished(async () => {
    for (const child of children) child.kill('SIGKILL');
    const last = pid();
    if (isMasterProcess(last, master)) process.kill(last, 'SIGTERM');
    await until(() => isMasterProcess(last, master)).toBe(false);
    rmSync(directory, { recursive: true });
  });
  /** Starts a gate; resolves when it serves. */
  const start = async (given: Omit<PlaneStart, 'settings'>) => {
    const child = spawn(process.execPath, [program, JSON.stringify({ settings, ...given })]);
    children.push(child);
    const lines: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => void lines.push(...text.trim().split('\n')));
    child.stderr.pipe(process.stderr);
    await until(() => lines).toContain('up');
    const tell = (asked: Asked) => child.stdin.write(`${JSON.stringify(asked)}\n`);
    return { child, lines, tell, set: (...machines: MachinesOf) => tell({ machines }) };
  };
  return { settings, env, start, pid, isUp: () => isMasterProcess(pid(), master), beside };
}

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
    const gate = await folder(mode);
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
    const gate = await folder(mode);
    const machines = [[routeName(web), [machine]]] as const;
    const first = await gate.start({ routes: [web], machines });
    const requests = askOnAndOn(web.listenPort);
    await until(requests.answered).toBeGreaterThan(1);
    const pid = gate.pid();
    first.tell({ routes: [web, await route({ app: 'added' })] });
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
    const gate = await folder('beside');
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
  const gate = await folder('child');
  await gate.start({ routes: [], machines: [] });
  const { DataPlane } = await import('../../src/gate/data-plane.ts');
  const other = new DataPlane(gate.settings, { onWake: () => {}, onProblem: () => {} });
  await expect(other.start([])).rejects.toThrow('another gate runs');
  await other.leave();
  expect(gate.isUp()).toBe(true);
});
