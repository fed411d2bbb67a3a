import { Command } from 'commander';
import type { App } from '../api/app.ts';
import type { KubeObject } from '../kube/types.ts';
import { type AppFlags, appOptions, outputOption } from './cluster-options.ts';
import { inCluster, type Session } from './session.ts';
import type { SeenEvent, StatusReport } from './status-report.ts';

interface Flags extends AppFlags {
  readonly allNamespaces?: true;
  readonly watch?: true;
  readonly output: 'text' | 'json';
}

const examples = `
Examples:
  airfield status                     the App of the fly.toml in this folder; without one, all Apps of the namespace
  airfield status -a hello --watch    one screen, again and again
  airfield status -A                  all Apps of all namespaces
  airfield status -a hello -o json | jq '.machines[] | select(.ready | not)'

Exit code: 0, also when the App has trouble; \`kubectl wait --for=condition=Ready afapp/hello\` waits for it to be well.`;

/** `airfield status`: one screen about an App, or a table of all. */
export function statusCommand(): Command {
  const command = new Command('status')
    .summary('show how an App is, or all of them')
    .description('Show how an App is: its release, machines, trouble and last events; or all Apps in a table.');
  return appOptions(command)
    .option('-A, --all-namespaces', 'all Apps of all namespaces')
    .option('-w, --watch', 'show it again whenever it has changed')
    .addOption(outputOption())
    .addHelpText('after', examples)
    .action((flags: Flags) => inCluster(flags, (session) => status(session, flags)));
}

async function status(session: Session, flags: Flags): Promise<number> {
  const { nameGiven } = await import('./app-name.ts');
  const name = flags.allNamespaces ? undefined : await nameGiven(flags);
  const show = (now: Date) => (name ? showApp(session, name, flags, now) : showAll(session, flags, now));
  if (flags.watch) {
    const { showAgain } = await import('./show-again.ts');
    await showAgain(show, session.signal);
  } else process.stdout.write(await show(new Date()));
  return 0;
}

async function showApp(session: Session, name: string, { output }: Flags, now: Date): Promise<string> {
  const report = await reportOf(session, name);
  if (output === 'json') return `${JSON.stringify(report, undefined, 2)}\n`;
  const [{ statusScreen }, { paintFor }, { asCalled }] = await Promise.all([
    import('./status-screen.ts'),
    import('./terminal.ts'),
    import('./program-name.ts'),
  ]);
  return asCalled(statusScreen(report, paintFor(process.stdout), now));
}

/** Everything that `status` knows of an App. */
async function reportOf(session: Session, name: string): Promise<StatusReport> {
  const [{ getApp }, { machinesOfApp }, { coreEvents }, { statusReport }] = await Promise.all([
    import('./find-app.ts'),
    import('./find-machines.ts'),
    import('./core-resources.ts'),
    import('./status-report.ts'),
  ]);
  const { client, namespace } = session;
  const { app } = await getApp(session, name);
  const fieldSelector = `involvedObject.kind=App,involvedObject.name=${name}`;
  const [machines, events] = await Promise.all([
    machinesOfApp(session, name),
    client.list<SeenEvent>(coreEvents, { namespace, fieldSelector }),
  ]);
  return statusReport(app, { machines, events: events.items });
}

async function showAll({ client, namespace }: Session, flags: Flags, now: Date): Promise<string> {
  const [{ apps }, { readApp }, { appRows, appTable }] = await Promise.all([
    import('../controller/resources.ts'),
    import('../api/read-app.ts'),
    import('./app-table.ts'),
  ]);
  const scope = flags.allNamespaces ? {} : { namespace };
  const { items } = await client.list<KubeObject>(apps, scope);
  const rows = appRows(items.map((item): App => readApp(item).app));
  if (flags.output === 'json') return `${JSON.stringify(rows, undefined, 2)}\n`;
  if (rows.length > 0) return appTable(rows, { now, withNamespace: flags.allNamespaces === true });
  const { note } = await import('./messages.ts');
  const where = flags.allNamespaces ? 'any namespace' : `namespace ${namespace}`;
  note(`there is no App in ${where}: make one with \`airfield convert | kubectl apply -f -\``);
  return '';
}
