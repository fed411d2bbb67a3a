import { printReport, readSource, shownName } from './conversion.ts';
import { type ConversionFlags, conversionsOf } from './conversions.ts';
import type { WantedApp } from './manifests.ts';
import { failed, note } from './messages.ts';

/** The Apps of a file, whatever it is; undefined where it said on standard error what is wrong. */
export async function wantedIn(file: string, flags: ConversionFlags): Promise<readonly WantedApp[] | undefined> {
  if ([file, ...flags.overlay, ...flags.patch, flags.machines].filter((path) => path === '-').length > 1)
    return void failed('standard input can be read once: name - once');
  const source = await readSource(file);
  const { isManifest } = await import('./manifests.ts');
  if (typeof source === 'string' && !/\.toml$/i.test(file) && isManifest(source))
    return manifestsIn(source, file, flags);
  const { apps, problems, isComplete, beside } = await conversionsOf([{ file, source }], flags);
  // What the operator does with a field is for `convert` to say.
  await printReport(file, { problems: problems.filter(({ severity }) => severity !== 'note') });
  for (const { kind, metadata } of beside?.resources ?? []) note(notCompared(`${kind}/${metadata.name}`));
  return isComplete ? apps : undefined;
}

const notCompared = (other: string) => `${other} is not compared: \`airfield diff\` compares Apps alone`;

/** Options that say what a fly.toml becomes. */
const forFlyToml = ['image', 'name', 'overlay', 'patch', 'format', 'count', 'region', 'machines'] as const;

async function manifestsIn(
  text: string,
  file: string,
  flags: ConversionFlags,
): Promise<readonly WantedApp[] | undefined> {
  const { readManifests } = await import('./manifests.ts');
  const wrong = forFlyToml.find((flag) => [flags[flag] ?? []].flat().length > 0);
  if (wrong) return void failed(`--${wrong} is for a fly.toml; ${shownName(file)} has Apps already`);
  try {
    const { apps, others } = readManifests(text);
    for (const other of others) note(notCompared(other));
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
