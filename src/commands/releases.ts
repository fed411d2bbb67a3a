import { Command } from 'commander';
import { type AppFlags, appOptions, outputOption } from './cluster-options.ts';
import { inCluster, type Session } from './session.ts';

interface Flags extends AppFlags {
  readonly output: 'text' | 'json';
}

const examples = `
Examples:
  airfield releases -a hello             the newest first, with what was changed
  airfield releases -a hello -o json | jq '.[0].message'

The last 10 are kept, and the one that serves. \`airfield rollback\` goes back to one of them.`;

/** `airfield releases`: what was released, and how it went. */
export function releasesCommand(): Command {
  const command = new Command('releases')
    .summary('list what was released, and how it went')
    .description('List the releases of an App, and how they went.');
  return appOptions(command)
    .addOption(outputOption())
    .addHelpText('after', examples)
    .action((flags: Flags) => inCluster(flags, (session) => releases(session, flags)));
}

async function releases(session: Session, flags: Flags): Promise<number> {
  const [{ findApp }, { releasesOfApp, servingOf }, { listReleases, releaseTable }, { note }, { paintFor }] =
    await Promise.all([
      import('./find-app.ts'),
      import('./find-releases.ts'),
      import('./release-list.ts'),
      import('./messages.ts'),
      import('./terminal.ts'),
    ]);
  const found = await findApp(session, flags);
  const kept = await releasesOfApp(session, found);
  const writers = found.stored.metadata.managedFields;
  const list = listReleases(kept, { serving: servingOf(kept)?.version, writers });
  if (flags.output === 'json') process.stdout.write(`${JSON.stringify(list, undefined, 2)}\n`);
  else if (list.length > 0) process.stdout.write(releaseTable(list, paintFor(process.stdout), new Date()));
  else note(`App ${found.name} has no release yet: \`airfield status -a ${found.name}\` says why`);
  const [newest] = list;
  const { rollbackTo } = found.app.spec.deploy;
  if (newest?.phase === 'failed') note(`release ${newest.version} failed: ${newest.message ?? newest.reason}`);
  if (rollbackTo !== undefined)
    note(
      `it stays on release ${rollbackTo} whatever else is changed, until \`airfield rollback --undo -a ${found.name}\``,
    );
  return 0;
}
