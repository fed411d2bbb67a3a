import { Command, InvalidArgumentError } from 'commander';
import type { Target } from '../kube/port-forward.ts';
import type { MachineChoice, RunningMachine } from './choose-machine.ts';
import { type AppFlags, appOptions } from './cluster-options.ts';
import { CommandError } from './command-error.ts';
import { inCluster, type Session } from './session.ts';

interface Flags extends AppFlags, MachineChoice {
  readonly bind: string;
}

interface Ports {
  readonly local: number;
  readonly remote: number;
}

const examples = `
Examples:
  airfield proxy 5432 -a db            localhost:5432 is port 5432 of a machine of db
  airfield proxy 15432:5432 -a db      another port here
  airfield proxy 0:8080 -a hello       any free port; it is printed

Each connection leads to a machine that is ready when it is opened. An App that sleeps is woken by the first one, but
connections of this proxy do not keep it awake: for longer work set \`minMachinesRunning: 1\`. Ctrl-C ends it.`;

/** `airfield proxy <ports>`: a port of a machine on this computer. */
export function proxyCommand(): Command {
  const command = new Command('proxy')
    .summary('lead a port of this computer to a machine')
    .description('Lead a port of this computer to a machine of an App.')
    .argument('<ports>', 'LOCAL, or LOCAL:REMOTE', portsArgument);
  return appOptions(command)
    .option('--machine <name>', 'to this machine (default: one that is ready)')
    .option('--process <group>', 'to machines of this process group')
    .option('--bind <address>', 'address to listen on', '127.0.0.1')
    .addHelpText('after', examples)
    .action((ports: Ports, flags: Flags) => inCluster(flags, (session) => proxy(session, ports, flags)));
}

async function proxy(session: Session, { local, remote }: Ports, flags: Flags): Promise<number> {
  const [{ findApp }, { listen }, { note }] = await Promise.all([
    import('./find-app.ts'),
    import('../kube/port-forward.ts'),
    import('./messages.ts'),
  ]);
  const { name } = await findApp(session, flags);
  const { namespace, signal } = session;
  const first = await readyMachine(session, name, flags, []);
  const choose = async (tried: readonly string[]): Promise<Target> => {
    const { pod } = await readyMachine(session, name, flags, tried);
    return { namespace, pod, port: remote };
  };
  const source = { path: flags.kubeconfig, context: flags.context };
  const options = { source, host: flags.bind, port: local, choose, onProblem: note, signal };
  const port = await listen(options).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(cannotListen(error, { local, remote }, name));
  });
  process.stdout.write(`${flags.bind}:${port} -> ${first.name}:${remote}\n`);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
  return 0;
}

const wakeMs = 60_000;

/** A machine that is ready, or after all else one that runs; an App that sleeps is woken. */
async function readyMachine(
  session: Session,
  app: string,
  flags: Flags,
  tried: readonly string[],
): Promise<RunningMachine> {
  const [{ machinesOfApp }, { choosable, whyNone }, { wakeApp, untilThere }, { note }] = await Promise.all([
    import('./find-machines.ts'),
    import('./choose-machine.ts'),
    import('./wake.ts'),
    import('./messages.ts'),
  ]);
  const look = async () =>
    choosable(await machinesOfApp(session, app), flags).filter(({ pod }) => !tried.includes(pod));
  const [now] = await look();
  if (now) return now;
  if (flags.machine === undefined && (await wakeApp(session, app, flags.process))) {
    note(`${app} sleeps: one of its machines is started`);
    const ready = async () => (await look()).find((machine) => machine.ready);
    const woken = await untilThere(ready, { ms: wakeMs, signal: session.signal });
    if (woken) return woken;
  }
  throw new CommandError(whyNone(app, await machinesOfApp(session, app), flags));
}

function cannotListen({ code, message }: NodeJS.ErrnoException, { local, remote }: Ports, app: string): string {
  const other = `\`airfield proxy ${local < 10_000 ? local + 10_000 : 0}:${remote} -a ${app}\``;
  if (code === 'EADDRINUSE') return `port ${local} is in use on this computer; take another: ${other}`;
  if (code === 'EACCES') return `you may not listen on port ${local}; take another: ${other}`;
  return message;
}

function portsArgument(text: string): Ports {
  const [, local, remote = local] = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(text) ?? [];
  const ports = { local: Number(local), remote: Number(remote) };
  if (!(ports.local <= 65_535 && ports.remote >= 1 && ports.remote <= 65_535))
    throw new InvalidArgumentError('Write `5432`, or `15432:5432` with the port here first.');
  return ports;
}
