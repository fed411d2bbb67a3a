import { Command, InvalidArgumentError } from 'commander';
import { type AppFlags, appOptions } from './cluster-options.ts';
import { CommandError } from './command-error.ts';
import { durationFlag } from './duration-flag.ts';
import type { FoundApp } from './find-app.ts';
import { inCluster, type Session } from './session.ts';

interface Flags extends AppFlags {
  readonly undo?: true;
  readonly wait: boolean;
  readonly timeout: string;
}

const examples = `
Examples:
  airfield rollback -a hello            back to the release before the one that serves
  airfield rollback 5 -a hello          back to release 5: \`airfield releases\` lists them
  airfield rollback --undo -a hello     to what the spec says again

This sets \`spec.deploy.rollbackTo\`: a new release with the machines of the old one and the secrets of today. As long as
it is there nothing else that is changed in the spec changes machines.
Exit code: 0 when the release is complete, or with --no-wait begun; 1 when it has failed, or was not complete in time.`;

/** `airfield rollback [version]`: an earlier release again. */
export function rollbackCommand(): Command {
  const command = new Command('rollback')
    .summary('go back to an earlier release')
    .description('Go back to an earlier release, and wait until it serves.')
    .argument('[version]', 'number of the release (default: the one before the one that serves)', versionArgument);
  return appOptions(command)
    .option('--undo', 'release what the spec says again')
    .option('--no-wait', 'do not wait until it is complete')
    .option('--timeout <duration>', 'longest time to wait', durationFlag, '15m')
    .addHelpText('after', examples)
    .action((version: number | undefined, flags: Flags) =>
      inCluster(flags, (session) => rollback(session, version, flags)),
    );
}

async function rollback(session: Session, asked: number | undefined, flags: Flags): Promise<number> {
  if (flags.undo && asked !== undefined) throw new CommandError('name a release or --undo, not both', 2);
  const [{ findApp }, { note, warn }, { gitOpsOf, gitOpsWarning }] = await Promise.all([
    import('./find-app.ts'),
    import('./messages.ts'),
    import('./gitops.ts'),
  ]);
  const found = await findApp(session, flags);
  const rollbackTo = flags.undo ? null : await targetOf(session, found, asked);
  if (rollbackTo === undefined) return 0;
  const managed = gitOpsOf(found.stored);
  const change = rollbackTo === null ? 'no deploy.rollbackTo' : `deploy.rollbackTo: ${rollbackTo}`;
  if (managed) warn(gitOpsWarning(managed, change));
  const patched = await write(session, found.name, rollbackTo);
  if (rollbackTo !== null)
    note(
      `until \`airfield rollback --undo -a ${found.name}\` nothing else that is changed in the App changes machines`,
    );
  if (!flags.wait) return 0;
  const { waitForRelease } = await import('./release-progress.ts');
  return waitForRelease(session, { name: found.name, generation: patched, timeout: flags.timeout });
}

/** Undefined where nothing is to be done, which has been said then. */
async function targetOf(session: Session, found: FoundApp, asked: number | undefined): Promise<number | undefined> {
  const [{ releasesOfApp }, { rollbackTarget }, { note }] = await Promise.all([
    import('./find-releases.ts'),
    import('./rollback-target.ts'),
    import('./messages.ts'),
  ]);
  const target = rollbackTarget(await releasesOfApp(session, found), asked);
  if ('version' in target) return target.version;
  if ('nothingToDo' in target) return void note(`${target.nothingToDo}: nothing to do`);
  throw new CommandError(`${target.problem}: \`airfield releases -a ${found.name}\` lists them`);
}

/** The generation of the App that has it. */
async function write({ client, namespace }: Session, name: string, rollbackTo: number | null): Promise<number> {
  const [{ apps }, { cliManager }] = await Promise.all([
    import('../controller/resources.ts'),
    import('./field-manager.ts'),
  ]);
  const patch = { spec: { deploy: { rollbackTo } } };
  const ref = { namespace, name };
  const written = await client.mergePatch<FoundApp['stored']>(apps, ref, patch, { fieldManager: cliManager });
  return written.metadata.generation ?? 0;
}

function versionArgument(text: string): number {
  if (!/^v?[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Write the number of a release, such as `5`.');
  return Number(text.replace('v', ''));
}
