import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { AppSpecInput } from '../api/app.ts';
import { bytes } from '../api/scalars.ts';
import { vmPresets } from '../api/vm.ts';
import { type AppFlags, appOptions, outputOption } from './cluster-options.ts';
import type { FoundApp } from './find-app.ts';
import { type ScaleTarget, scaleTarget } from './scale-target.ts';
import type { Scalable, Scaling } from './scaled-spec.ts';
import { inCluster, type Session } from './session.ts';

interface VmFlags extends AppFlags {
  readonly memory?: string;
  readonly process?: string;
}

const examples = `
Examples:
  airfield scale 3 -a hello                       machines of the default group
  airfield scale app=3 worker=1 -a hello          of several groups
  airfield scale worker/fra=2 -a hello            of one region of a group
  airfield scale vm performance-1x -a hello       another size: a new release
  airfield scale show -a hello

Services with \`autoStop\` run as many of these as there is work for.`;

/** `airfield scale`: how many machines there are, and how large they are. */
export function scaleCommand(): Command {
  const command = new Command('scale')
    .summary('change how many machines an App has, and how large')
    .description('Change how many machines an App has, and how large they are.');
  return command
    .usage('[options] <count...> | vm <size> | show')
    .addCommand(count(), { isDefault: true, hidden: true })
    .addCommand(vm())
    .addCommand(show())
    .addHelpText('after', examples);
}

function count(): Command {
  return appOptions(new Command('count'))
    .description('Change how many machines an App has.')
    .argument('<count...>', '3, worker=2 or worker/fra=1', targetArgument)
    .action((targets: ScaleTarget[], flags: AppFlags) =>
      inCluster(flags, async (session) => {
        const { scaled } = await import('./scaled-spec.ts');
        return change(session, flags, (spec) => scaled(spec, targets));
      }),
    );
}

function vm(): Command {
  return appOptions(new Command('vm'))
    .description('Change how large the machines of an App are.')
    .addArgument(new Argument('<size>', 'named size').choices([...vmPresets.keys()]))
    .addOption(
      new Option('--memory <size>', 'memory, such as 1Gi (default: what the size brings)').argParser(memoryFlag),
    )
    .option('--process <group>', 'only this process group (default: all)')
    .action((size: string, flags: VmFlags) =>
      inCluster(flags, async (session) => {
        const { resized } = await import('./scaled-spec.ts');
        const wanted = { size, ...(flags.memory && { memory: flags.memory }) };
        return change(session, flags, (spec) => resized(spec, flags.process, wanted));
      }),
    );
}

function show(): Command {
  return appOptions(new Command('show'))
    .description('Show how many machines an App has, and how large they are.')
    .addOption(outputOption())
    .action((flags: AppFlags & { output: string }) =>
      inCluster(flags, async (session) => {
        const [{ findApp }, table] = await Promise.all([import('./find-app.ts'), import('./scale-table.ts')]);
        const { app } = await findApp(session, flags);
        const json = () => `${JSON.stringify(table.scaledGroups(app), undefined, 2)}\n`;
        process.stdout.write(flags.output === 'json' ? json() : table.scaleTable(app));
        return 0;
      }),
    );
}

/** Compare-and-swap: the list of groups is written as a whole. */
async function change(session: Session, flags: AppFlags, scaling: (spec: Scalable) => Scaling): Promise<number> {
  const [{ findApp }, { apps }, { cliManager }, { gitOpsOf, gitOpsWarning }, { note, warn }] = await Promise.all([
    import('./find-app.ts'),
    import('../controller/resources.ts'),
    import('./field-manager.ts'),
    import('./gitops.ts'),
    import('./messages.ts'),
  ]);
  const { name, stored } = await findApp(session, flags);
  const { patch, changes } = scaling(specOf(stored));
  const managed = gitOpsOf(stored);
  if (managed) warn(gitOpsWarning(managed, changes.join(', ')));
  const { resourceVersion } = stored.metadata;
  const ref = { namespace: session.namespace, name };
  const body = { metadata: { resourceVersion }, spec: patch };
  await session.client.mergePatch(apps, ref, body, { fieldManager: cliManager });
  for (const line of changes) process.stdout.write(`${line}\n`);
  note(`\`airfield status -a ${name} --watch\` shows how it goes`);
  return 0;
}

const specOf = ({ spec }: FoundApp['stored']) => (spec ?? {}) as AppSpecInput;

function targetArgument(text: string, before: readonly ScaleTarget[] = []): ScaleTarget[] {
  const target = scaleTarget(text);
  if (!target) throw new InvalidArgumentError('Write `3`, `worker=2` or `worker/fra=1`, up to 1000.');
  return [...before, target];
}

function memoryFlag(text: string): string {
  if (!bytes().safeParse(text).success) throw new InvalidArgumentError('Write a size such as `512Mi` or `2Gi`.');
  return text;
}
