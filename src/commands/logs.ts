import { Command, InvalidArgumentError } from 'commander';
import { seconds } from '../api/duration.ts';
import type { ObservedPod } from '../api/kubernetes.ts';
import type { LogLine } from '../kube/pod-log.ts';
import { type AppFlags, appOptions, outputOption } from './cluster-options.ts';
import { CommandError } from './command-error.ts';
import { durationFlag } from './duration-flag.ts';
import type { Chosen, LogSource } from './log-source.ts';
import { inCluster, type Session } from './session.ts';

interface Flags extends AppFlags, Chosen {
  readonly follow?: true;
  readonly since?: string;
  readonly tail: number;
  readonly timestamps?: true;
  readonly output: 'text' | 'json';
}

const examples = `
Examples:
  airfield logs -a hello                         the last lines of all machines, by time
  airfield logs -a hello -f                      and what they say from now on, also those that come later
  airfield logs -a hello --since 10m --tail -1   everything of the last ten minutes
  airfield logs -a hello --process worker --machine hello-worker-x2x
  airfield logs -a hello --container shipper     a sidecar, instead of the program
  airfield logs -a hello -f -o json | jq -r 'select(.message | test("error")) | .machine'

A release command: \`kubectl logs job/hello-release\`.`;

/** `airfield logs`: what the machines of an App say. */
export function logsCommand(): Command {
  const command = new Command('logs')
    .summary('show what the machines of an App say')
    .description('Show what the machines of an App say, all of them by time.');
  return appOptions(command)
    .option('-f, --follow', 'go on with what they say from now on')
    .option('--since <duration>', 'only what is not older', durationFlag)
    .option('--tail <n>', 'most lines of each machine before now; -1 is all', tailFlag, 100)
    .option('--process <group>', 'only machines of this process group')
    .option('--machine <name>', 'only this machine; may be repeated', (name, names: string[] = []) => [...names, name])
    .option('--container <name>', 'a container beside the program')
    .option('--all-containers', 'all containers of each machine')
    .option('--timestamps', 'with the time of each line')
    .addOption(outputOption())
    .addHelpText('after', examples)
    .action((flags: Flags) => inCluster(flags, (session) => logs(session, flags)));
}

async function logs(session: Session, flags: Flags): Promise<number> {
  const [{ findApp }, { logSources }, { machineSelector }, { pods }] = await Promise.all([
    import('./find-app.ts'),
    import('./log-source.ts'),
    import('./machine-list.ts'),
    import('../kube/resources.ts'),
  ]);
  const { name } = await findApp(session, flags);
  const { client, namespace } = session;
  const sources = async () => {
    const options = { namespace, labelSelector: machineSelector(name), signal: session.signal };
    return logSources((await client.list<ObservedPod>(pods, options)).items, flags);
  };
  const now = await sources();
  if (now.length === 0 && !flags.follow) throw new CommandError(nothing(name, flags));
  const since = flags.since && new Date(Date.now() - seconds(flags.since) * 1000).toISOString();
  const onLine = await printer(name, flags);
  const shown = await showHistory(session, now, { since, tail: flags.tail, onLine });
  if (!flags.follow) return 0;
  const [{ followLogs }, { note }] = await Promise.all([import('./log-follower.ts'), import('./messages.ts')]);
  const nothingBefore = flags.tail === 0 ? new Date().toISOString() : since;
  await followLogs({ session, sources, shown, since: nothingBefore || undefined, onLine, onProblem: note });
  return 0;
}

interface History {
  readonly since: string | undefined;
  readonly tail: number;
  readonly onLine: (line: LogLine, source: LogSource) => void;
}

/** What has been said until now. Gives back the time of the last line of each container. */
async function showHistory(session: Session, sources: readonly LogSource[], { since, tail, onLine }: History) {
  const [{ mergedLogs }, { podLog }, { sourceKey }] = await Promise.all([
    import('./merged-logs.ts'),
    import('../kube/pod-log.ts'),
    import('./log-follower.ts'),
  ]);
  const { client, namespace, signal } = session;
  const options = { sinceTime: since, ...(tail >= 0 && { tailLines: tail }), signal };
  const logs = sources.map((source) => {
    const { pod: name, container } = source;
    return { source, lines: orNothing(podLog(client, { namespace, name }, { ...options, container })) };
  });
  const shown = new Map<string, string>();
  for await (const { source, ...line } of mergedLogs(logs)) {
    onLine(line, source);
    shown.set(sourceKey(source), line.time);
  }
  return shown;
}

/** A machine may go while it is looked at, and one whose container is being made has no log. */
async function* orNothing(lines: AsyncIterable<LogLine>): AsyncGenerator<LogLine> {
  const { KubeError } = await import('../kube/errors.ts');
  try {
    yield* lines;
  } catch (error) {
    if (!(error instanceof KubeError) || ![400, 404].includes(error.status)) throw error;
  }
}

async function printer(app: string, { output, timestamps }: Flags): Promise<History['onLine']> {
  const [{ logText, logJson }, { paintFor }] = await Promise.all([import('./log-line.ts'), import('./terminal.ts')]);
  const paint = paintFor(process.stdout);
  const print = (text: string) => void process.stdout.write(text);
  if (output === 'json') return (line, source) => print(logJson(line, app, source));
  return (line, source) => print(logText(line, source, paint, timestamps === true));
}

function nothing(name: string, { process, machine, container }: Flags): string {
  const chosen = process ?? machine?.[0] ?? container;
  const look = `\`airfield status -a ${name}\` shows what there is`;
  return chosen
    ? `no machine of ${name} that runs is or has ${chosen}: ${look}`
    : `no machine of ${name} runs: ${look}`;
}

function tailFlag(text: string): number {
  if (!/^(-1|\d{1,9})$/.test(text)) throw new InvalidArgumentError('Write a number of lines, or -1 for all.');
  return Number(text);
}
