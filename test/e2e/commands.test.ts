import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { kubectlPath } from '../cluster/binaries.ts';
import { run } from '../cluster/exec.ts';
import { Airfield } from './airfield.ts';
import { app, clientApp, clientImage, helloApp } from './apps.ts';
import { Namespace, until } from './kubectl.ts';
import { OperatorProcess } from './operator.ts';
import { runs } from './scaled-apps.ts';

let operator: OperatorProcess;
let acme: Namespace;

/** Says who it is and a number, once a second. */
const talker = (name: string, count: number, group = 'app') =>
  app(name, {
    image: clientImage,
    killSignal: 'SIGKILL',
    primaryRegion: 'iad',
    processes: [
      { name: group, count, command: ['sh', '-c', 'n=0; while true; do n=$((n+1)); echo "line $n"; sleep 1; done'] },
    ],
  });

beforeAll(async () => {
  acme = await Namespace.create('cli');
  // Without gates that serve nobody but the command line wakes what sleeps.
  operator = await OperatorProcess.startIn(acme, { env: { AIRFIELD_GATES_NAMESPACE: acme.name } });
  await acme.apply(
    ...[talker('talk', 2), talker('speak', 1)],
    ...[clientApp('tool', { env: { WORD: 'tower' } }), helloApp('web')],
  );
  for (const name of ['talk', 'speak', 'tool', 'web']) await acme.waitReady(name);
});
afterAll(async () => {
  await acme?.delete();
  await operator?.stop();
});

const machines = async (name: string) =>
  (await acme.names('pods')).filter((pod) => pod.startsWith(`pod/${name}-app`)).map((pod) => pod.slice(4));

// What one command does and another would see stands in one group, step by step; the groups have Apps of their own.
const inOrder = { concurrent: false };

describe.concurrent('airfield logs', () => {
  it('shows what all machines have said, by time, with their names', inOrder, async () => {
    const { code, stdout } = await Airfield.run(acme, 'logs', '-a', 'talk', '--timestamps');
    expect(code).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => /^\[iad\/(\S+)\] (\S+) line \d+$/.exec(line)?.slice(1));
    expect(new Set(lines.map((line) => line?.[0]))).toEqual(new Set(await machines('talk')));
    const times = lines.map((line) => Date.parse(line?.[1] ?? ''));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('shows the last lines of one machine, as JSON', inOrder, async () => {
    const [machine = ''] = await machines('talk');
    const all = () => acme.kubectl(['logs', machine]);
    await until('a third line', async () => (await all()).includes('line 3\n'));
    const args = ['logs', '-a', 'talk', '--machine', machine, '--tail', '2', '-o', 'json'];
    const { stdout } = await Airfield.run(acme, ...args);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ app: 'talk', machine, process: 'app', region: 'iad', message: /^line \d+$/ });
  });

  it(
    'goes on over the end of a machine and with the one that comes for it, and says no line twice',
    inOrder,
    async ({ onTestFinished }) => {
      const following = new Airfield(acme, ['logs', '-a', 'talk', '-f', '--tail', '5']);
      onTestFinished(async () => void (await following.stop()));
      await until('lines', async () => following.stdout.split('\n').length > 12);
      const [gone = ''] = await machines('talk');
      await acme.kubectl(['delete', 'pod', gone, '--now', '--wait=false']);
      const come = await until('another machine', async () => {
        const now = await machines('talk');
        return now.find((name) => !following.stdout.includes(name));
      });
      await until('its first line', async () => following.stdout.includes(`[iad/${come}] line 1\n`));
      expect(await following.stop()).toBe(130);
      const lines = following.stdout.trimEnd().split('\n');
      expect(lines.filter((line, index) => lines.indexOf(line) !== index)).toEqual([]);
      // Nothing is missing either: what a machine says is numbered.
      const said = lines.filter((line) => line.includes(`/${come}]`)).map((line) => Number(line.split(' ').at(-1)));
      expect(said).toEqual(said.map((_, index) => index + 1));
    },
  );

  it('goes on when the program is started again', inOrder, async ({ onTestFinished }) => {
    const command = ['sh', '-c', 'echo "began"; sleep 3; exit 1'];
    await acme.apply(app('crash', { image: clientImage, processes: [{ name: 'app', count: 1, command }] }));
    await until('its machine', async () => (await machines('crash')).length > 0);
    const following = new Airfield(acme, ['logs', '-a', 'crash', '-f']);
    onTestFinished(async () => void (await following.stop()));
    await until('two starts', async () => following.stdout.split('began').length > 2);
  });
});

describe.concurrent('airfield console', () => {
  it('runs a program in a machine, with its input and its environment, and ends as it does', inOrder, async () => {
    const script = 'read line; echo "$WORD heard $line"; echo oops >&2; exit 7';
    const one = new Airfield(acme, ['console', '-a', 'tool', '--', 'sh', '-c', script], 'hello\n');
    expect(await one.ended).toBe(7);
    expect(one).toMatchObject({ stdout: 'tower heard hello\n', stderr: 'oops\n' });
  });

  it('is a shell where no program is named', inOrder, async () => {
    const one = new Airfield(acme, ['console', '-a', 'tool'], 'echo "in $FLY_APP_NAME"\nexit 3\n');
    expect(await one.ended).toBe(3);
    expect(one.stdout).toBe('in tool\n');
  });

  it('passes on all of a large input and a large output', inOrder, async () => {
    const input = 'x'.repeat(300_000);
    const one = new Airfield(acme, ['console', '-a', 'tool', '--', 'cat'], input);
    expect(await one.ended).toBe(0);
    expect(one.stdout.length).toBe(input.length);
  });

  it('says what an image does not have', inOrder, async () => {
    const { code, stderr } = await Airfield.run(acme, 'console', '-a', 'tool', '--', 'no-such-program');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: machine tool-app-\S+ has no program no-such-program/);
  });

  it('runs in a new machine, which is gone afterwards', inOrder, async () => {
    const args = ['console', '-a', 'tool', '--new', '--', 'sh', '-c', 'echo "$WORD $FLY_PROCESS_GROUP"; exit 5'];
    const { code, stdout } = await Airfield.run(acme, ...args);
    expect({ code, stdout }).toEqual({ code: 5, stdout: 'tower console\n' });
    await until('no Machine', async () => (await acme.names('machines.airfield.dev')).length === 0);
  });
});

describe.concurrent('airfield proxy', () => {
  /** The port that it says it listens on. */
  const portOf = (proxy: Airfield) =>
    until('the proxy to listen', async () => Number(/^127\.0\.0\.1:(\d+) -> /.exec(proxy.stdout)?.[1] ?? 0));
  const ask = async (port: number) =>
    (await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).json()) as Answer;
  interface Answer {
    app: string;
    machine: string;
  }

  it('leads to a machine, and to another one when that goes', inOrder, async ({ onTestFinished }) => {
    const proxy = new Airfield(acme, ['proxy', '0:8080', '-a', 'web']);
    onTestFinished(async () => void (await proxy.stop()));
    const port = await portOf(proxy);
    const first = await ask(port);
    expect(first.app).toBe('web');
    await acme.kubectl(['delete', 'pod', first.machine, '--now', '--wait=true']);
    const second = await until('another machine to answer', () => ask(port));
    expect(second?.machine).not.toBe(first.machine);
    expect(await proxy.stop()).toBe(130);
  });

  it('wakes an App that sleeps', inOrder, async ({ onTestFinished }) => {
    const service = { internalPort: 8080, ports: [{ port: 80 }], autoStop: 'stop' as const };
    await acme.apply(helloApp('sleepy', { services: [service], count: 1 }));
    await acme.waitReady('sleepy');
    await acme.kubectl(['scale', 'deployment/sleepy-app', '--replicas=0']);
    await runs(acme, 'sleepy', 0);
    const proxy = new Airfield(acme, ['proxy', '0:8080', '-a', 'sleepy']);
    onTestFinished(async () => void (await proxy.stop()));
    expect((await ask((await portOf(proxy)) ?? 0)).app).toBe('sleepy');
    expect(proxy.stderr).toContain('note: sleepy sleeps: one of its machines is started\n');
  });

  it('says that nothing listens there', inOrder, async ({ onTestFinished }) => {
    const proxy = new Airfield(acme, ['proxy', '0:9', '-a', 'web']);
    onTestFinished(async () => void (await proxy.stop()));
    const port = await portOf(proxy);
    await expect(ask(port ?? 0)).rejects.toThrow();
    await until('the reason', async () => /note: nothing listens on port 9 of web-app-/.test(proxy.stderr));
  });

  it('says which port to take instead of one that is in use', inOrder, async ({ onTestFinished }) => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    const { port } = await new Promise<{ port: number }>((resolve) => {
      server.on('listening', () => resolve(server.address() as { port: number }));
    });
    const { code, stderr } = await Airfield.run(acme, 'proxy', `${port}:8080`, '-a', 'web');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: port \d+ is in use on this computer; take another: `airfield proxy \d+:8080 -a web`/,
    );
  });
});

describe.concurrent('as a plugin of kubectl', () => {
  it('the bundle does the same, and calls itself as it is called', inOrder, async ({ onTestFinished }) => {
    const folder = await mkdtemp(join(tmpdir(), 'airfield-plugin-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const root = join(import.meta.dirname, '..', '..');
    await run(process.execPath, [join(root, 'build.ts'), folder, 'cli'], { env: process.env });
    await symlink(join(folder, 'cli.js'), join(folder, 'kubectl-airfield'));
    const env = { ...process.env, KUBECONFIG: inject('kubeconfig'), PATH: [folder, process.env.PATH].join(delimiter) };
    const kubectl = async (...args: string[]) => run(await kubectlPath(), args, { env });
    const machine = ['airfield', 'console', '-n', acme.name, '-a', 'tool', '--', 'sh', '-c', 'echo "in $WORD"'];
    expect(await kubectl(...machine)).toBe('in tower\n');
    expect(await kubectl('airfield', 'logs', '-n', acme.name, '-a', 'speak', '--tail', '1')).toMatch(
      /^\[iad\/speak-app-/,
    );
    const help = await kubectl('airfield', 'status', '--help');
    expect(help).toMatch(/^Usage: kubectl airfield status /);
    expect(help).toContain('\n  kubectl airfield status -A ');
    expect(help).not.toMatch(/^\s*airfield /m);
    expect(await kubectl('airfield', '__complete', 'status', '-n', acme.name, '-a', 'ta')).toBe('talk\n:4\n');
  });
});
