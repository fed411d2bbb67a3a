import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBinaries } from './binaries.ts';
import { apiServerArgs, etcdArgs, writeAuditPolicy } from './control-plane.ts';
import { admin, authorityFile, readTokens, testUsers, writeCredentials, writeKubeconfig } from './credentials.ts';
import { type Daemon, isAlive, startDaemon, startTimeOf, stopDaemon } from './daemon.ts';
import { Fatal, tail, until } from './exec.ts';
import { freePorts } from './free-ports.ts';
import { get } from './get.ts';
import { cacheRoot } from './paths.ts';
import { type Progress, silent } from './progress.ts';

/** A running etcd and kube-apiserver: the whole API, no nodes and no controllers. */
export interface ApiServer {
  /** Path of a kubeconfig of the administrator. */
  readonly kubeconfig: string;
  readonly url: string;
  readonly ca: string;
  readonly adminToken: string;
  /** Where etcd answers. */
  readonly etcd: string;
  /** Tokens by user; `alice` and `bob` have no permission until a test grants one. */
  readonly tokens: Readonly<Record<string, string>>;
  /** One JSON object per request, when asked for. */
  readonly auditLogPath: string | undefined;
  readonly daemons: readonly Daemon[];
  /** Kills the API server with SIGKILL, starts it again at the same address and waits until it is ready. */
  restart(): Promise<void>;
  /** Ends both processes and removes their files. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly auditLog?: boolean;
  /** Folder for state, logs and data. Default: a new one, swept later if this process dies without `stop`. */
  readonly dir?: string;
  readonly progress?: Progress;
}

/** Starts the API on loopback at free ports, as ordinary processes; no root needed. Ready when it resolves. */
export async function startApiServer(options: StartOptions = {}): Promise<ApiServer> {
  const progress = options.progress ?? silent;
  const binaries = await ensureBinaries(['etcd', 'kube-apiserver'], options.progress);
  const dir = options.dir ?? (await ownedDir());
  const pki = join(dir, 'pki');
  const auditLogPath = options.auditLog ? join(dir, 'logs', 'audit.jsonl') : undefined;
  await writeCredentials(pki, [admin, ...testUsers]);
  await writeAuditPolicy(pki);
  const [clientPort, peerPort, port] = await freePorts(3);
  const url = `https://127.0.0.1:${port}`;
  const etcd = [binaries.etcd, ...etcdArgs(join(dir, 'etcd'), clientPort!, peerPort!)];
  const apiServer = [
    binaries['kube-apiserver'],
    ...apiServerArgs({
      pki,
      etcdPort: clientPort!,
      bindAddress: '127.0.0.1',
      advertiseAddress: '127.0.0.1',
      port: port!,
      auditLog: auditLogPath,
      // No controller manager makes service accounts here, and a loopback address cannot be a Service's endpoint.
      extra: ['--disable-admission-plugins=ServiceAccount', '--endpoint-reconciler-type=none'],
    }),
  ];
  const daemons: Record<string, Daemon> = {};
  const record = () => writeFile(join(dir, 'daemons.json'), JSON.stringify(Object.values(daemons)));
  const start = async (name: string, argv: string[]) => {
    const { child: _, ...daemon } = await startDaemon(name, argv, join(dir, 'logs', `${name}.log`));
    daemons[name] = daemon;
    await record();
  };
  const ready = () => untilReady(url, daemons['kube-apiserver']!, pki);
  const stop = async () => {
    await stopAll(Object.values(daemons));
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await progress.step('etcd and kube-apiserver', async () => {
      await start('etcd', etcd);
      await start('kube-apiserver', apiServer);
      await ready();
    });
    const ca = await readFile(authorityFile(pki), 'utf8');
    const tokens = await readTokens(pki);
    const kubeconfig = join(dir, 'kubeconfig');
    await writeKubeconfig(kubeconfig, { name: 'airfield-api', server: url, ca, token: tokens.admin! });
    return {
      kubeconfig,
      url,
      ca,
      tokens,
      adminToken: tokens.admin!,
      etcd: `http://127.0.0.1:${clientPort}`,
      auditLogPath,
      get daemons() {
        return Object.values(daemons);
      },
      async restart() {
        await stopDaemon(daemons['kube-apiserver']!, 'SIGKILL');
        await start('kube-apiserver', apiServer);
        await ready();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The API server first, so that it does not complain about a store that is gone. */
export async function stopAll(daemons: readonly Daemon[]): Promise<void> {
  for (const daemon of [...daemons].reverse()) await stopDaemon(daemon);
}

/** The processes that `startApiServer` noted in its folder. */
export const recorded = (dir: string): Promise<Daemon[]> =>
  readFile(join(dir, 'daemons.json'), 'utf8').then(
    (text) => JSON.parse(text) as Daemon[],
    () => [],
  );

/** Waits for `/readyz`; a process that ends before is told with the last lines of its log. */
export async function untilReady(url: string, daemon: Daemon, pki: string): Promise<void> {
  await until(
    'the API server to be ready',
    async () => {
      if (!(await isAlive(daemon))) {
        throw new Fatal(`${daemon.name} ended: ${daemon.log}\n${tail(await readFile(daemon.log, 'utf8'))}`);
      }
      const ca = await readFile(authorityFile(pki), 'utf8');
      return (await get({ url, ca }, '/readyz')).status === 200;
    },
    90_000,
  );
}

/** A folder named after this process, so that a later run can tell which ones nobody owns any more. */
async function ownedDir(): Promise<string> {
  const root = join(cacheRoot, 'api');
  await mkdir(root, { recursive: true });
  for (const entry of await readdir(root)) await sweep(join(root, entry), entry);
  const dir = join(
    root,
    `${process.pid}-${(await startTimeOf(process.pid))?.replaceAll(/\W/g, '')}-${randomUUID().slice(0, 8)}`,
  );
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return dir;
}

async function sweep(dir: string, entry: string): Promise<void> {
  const [pid, startTime] = entry.split('-');
  if ((await startTimeOf(Number(pid)))?.replaceAll(/\W/g, '') === startTime) return;
  await stopAll(await recorded(dir));
  await rm(dir, { recursive: true, force: true });
}
