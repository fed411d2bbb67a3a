import { conversionOf, printReport, readSource, shownName } from './conversion.ts';
import type { WantedApp } from './manifests.ts';
import { failed, note } from './messages.ts';

export interface SourceFlags {
  readonly image?: string;
  readonly name?: string;
  readonly namespace?: string;
}

/** The Apps of a file, whatever it is; undefined where it said on standard error what is wrong. */
export async function wantedIn(file: string, flags: SourceFlags): Promise<readonly WantedApp[] | undefined> {
  const source = await readSource(file);
  const { isManifest } = await import('./manifests.ts');
  if (typeof source === 'string' && !/\.toml$/i.test(file) && isManifest(source))
    return manifestsIn(source, file, flags);
  const { app, problems } = await conversionOf(file, source, flags);
  // What the operator does with a field is for `convert` to say.
  const worthSaying = problems.filter(({ severity }) => severity !== 'note');
  await printReport(file, { problems: worthSaying });
  return app && [app];
}

async function manifestsIn(text: string, file: string, flags: SourceFlags): Promise<readonly WantedApp[] | undefined> {
  const { readManifests } = await import('./manifests.ts');
  const wrong = (['image', 'name'] as const).find((flag) => flags[flag] !== undefined);
  if (wrong) return void failed(`--${wrong} is for a fly.toml; ${shownName(file)} has Apps already`);
  try {
    const { apps, others } = readManifests(text);
    for (const other of others) note(`${other} is not compared: \`airfield diff\` compares Apps alone`);
    const elsewhere = apps.find(
      ({ metadata }) => flags.namespace && (metadata.namespace ?? flags.namespace) !== flags.namespace,
    );
    if (!elsewhere) return apps;
    const { name, namespace } = elsewhere.metadata;
    return void failed(`${name} is in namespace ${namespace}, not in that of --namespace: leave the option out`);
  } catch (error) {
    return void failed(`${shownName(file)}: ${(error as Error).message}`);
  }
}
