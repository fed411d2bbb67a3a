import { Command } from 'commander';
import type { MachineChoice } from './choose-machine.ts';
import { type AppFlags, appOptions } from './cluster-options.ts';
import { CommandError } from './command-error.ts';
import type { FoundApp } from './find-app.ts';
import { inCluster, type Session } from './session.ts';

interface Flags extends AppFlags, MachineChoice {
  readonly container?: string;
  readonly new?: true;
  readonly region?: string;
  readonly vmSize?: string;
}

interface Place {
  readonly pod: string;
  readonly container: string;
}

const examples = `
Examples:
  airfield console -a hello                       a shell in a machine that is ready
  airfield console -a hello -- node -e 'console.log(process.env.FLY_REGION)'
  airfield console -a hello --new                 a shell in a new machine, which is deleted at the end
  airfield console -a hello --new -- npm run migrate
  tar c data | airfield console -a db -- tar x -C /data

Exit code: that of the program; 1 where it could not be started.`;

/** What people expect of a shell, as far as the image has it. */
const shell = ['/bin/sh', '-c', 'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi'];

/** `airfield console [-- command]`: a shell or a program in a machine. */
export function consoleCommand(): Command {
  const command = new Command('console')
    .summary('a shell in a machine of an App, or in a new one')
    .description('Run a shell or another program in a machine of an App, or in a new one.')
    .argument('[command...]', 'the program, after `--` (default: bash or sh)');
  return appOptions(command)
    .option('--machine <name>', 'in this machine (default: one that is ready)')
    .option('--process <group>', 'in a machine of this process group')
    .option('--container <name>', 'in a container beside the program')
    .option('--new', "in a new machine with the App's image, environment and secrets, and without its volumes")
    .option('--region <name>', 'region of a new machine')
    .option('--vm-size <size>', 'size of a new machine (default: that of the group)')
    .addHelpText('after', examples)
    .action((words: string[], flags: Flags) => inCluster(flags, (session) => console(session, words, flags)));
}

async function console(session: Session, words: readonly string[], flags: Flags): Promise<number> {
  const { findApp } = await import('./find-app.ts');
  const found = await findApp(session, flags);
  const command = words.length > 0 ? words : shell;
  const run = (place: Place) => runIn(session, place, command, flags);
  return flags.new ? inNewMachine(session, found, flags, run) : run(await placeOf(session, found, flags));
}

async function placeOf(session: Session, { name }: FoundApp, flags: Flags): Promise<Place> {
  const [{ machinesOfApp }, { choosable, whyNone }] = await Promise.all([
    import('./find-machines.ts'),
    import('./choose-machine.ts'),
  ]);
  const machines = await machinesOfApp(session, name);
  const [machine] = choosable(machines, flags);
  if (machine) return { pod: machine.pod, container: flags.container ?? machine.process };
  throw new CommandError(`${whyNone(name, machines, flags)}; --new makes a machine`);
}

async function inNewMachine(
  session: Session,
  { name, app }: FoundApp,
  flags: Flags,
  run: (place: Place) => Promise<number>,
) {
  const [{ consoleMachine, consoleGroup }, { withNewMachine }, { note }, { randomBytes }] = await Promise.all([
    import('./console-machine.ts'),
    import('./new-machine.ts'),
    import('./messages.ts'),
    import('node:crypto'),
  ]);
  const own = `${name.slice(0, 40)}-console-${randomBytes(3).toString('hex')}`;
  const { process, region, vmSize: size } = flags;
  const machine = consoleMachine(app, { name: own, process, region, size });
  note(`machine ${own} is made, and deleted at the end`);
  return withNewMachine(session, machine, (pod) => run({ pod, container: flags.container ?? consoleGroup }));
}

async function runIn(session: Session, { pod, container }: Place, command: readonly string[], flags: Flags) {
  const [{ execInPod }, { withTerminal }, { KubeError }] = await Promise.all([
    import('../kube/pod-exec.ts'),
    import('./raw-terminal.ts'),
    import('../kube/errors.ts'),
  ]);
  const { namespace, signal } = session;
  const source = { path: flags.kubeconfig, context: flags.context };
  const ref = { namespace, name: pod };
  try {
    return await withTerminal((streams) => execInPod({ source, ref, container, command, signal, ...streams }));
  } catch (error) {
    if (!(error instanceof KubeError) || !/no such file|not found|executable file/.test(error.message)) throw error;
    throw new CommandError(notThere(command, { pod, container }, namespace));
  }
}

function notThere(command: readonly string[], { pod, container }: Place, namespace: string): string {
  if (command !== shell) return `machine ${pod} has no program ${command[0]}, or no container ${container}`;
  const debug = `kubectl debug -it ${pod} -n ${namespace} --image=busybox --target=${container}`;
  return `machine ${pod} has no shell: name a program of its image after \`--\`, or bring a shell along: \`${debug}\``;
}
