import type { AppManifest, Conversion, ConvertOptions } from '../toml/convert.ts';
import type { Format, NamedText } from '../toml/document.ts';
import type { Problem } from '../toml/report.ts';
import type { CountFlag, RegionFlag } from '../toml/scale-flags.ts';
import type { AppSource } from '../toml/sources.ts';
import { conversionOf, notActedOn, readSource, shownName } from './conversion.ts';
import type { Input } from './inputs.ts';

/** What the user says beside the files. */
export interface ConversionFlags {
  readonly image?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly format?: Format;
  readonly overlay: readonly string[];
  readonly patch: readonly string[];
  readonly count?: readonly CountFlag[];
  readonly region?: readonly RegionFlag[];
  /** A .env file, or `-`. */
  readonly secrets?: string;
  /** What `fly machine list --json` prints, or `-`. */
  readonly machines?: string;
  readonly strict?: true;
}

export interface Outcome {
  readonly apps: readonly AppManifest[];
  readonly problems: readonly Problem[];
  /** Where the fields of `apps` come from. */
  readonly sources: readonly AppSource[];
  /** Whether every file has become an App. */
  readonly isComplete: boolean;
  /** What stands beside the App, where there is one file. */
  readonly beside?: Pick<Conversion, 'resources' | 'secrets'>;
}

/** What files become with the overlays and patches of the flags; those have to be read whatever the files are. */
export async function conversionsOf(inputs: readonly Input[], flags: ConversionFlags): Promise<Outcome> {
  const [overlays, patches] = [await readAll(flags.overlay), await readAll(flags.patch)];
  const beside = { secrets: await readAll(listed(flags.secrets)), machines: await readAll(listed(flags.machines)) };
  const unread = [overlays, patches, beside.secrets, beside.machines].flatMap((read) => read.problems);
  if (unread.length > 0) return { apps: [], problems: unread, sources: [], isComplete: false };
  const scale = { counts: flags.count ?? [], regions: flags.region ?? [] };
  const [secrets, machines] = [beside.secrets.texts[0], beside.machines.texts[0]];
  const options = { ...flags, overlays: overlays.texts, scale, secrets, machines };
  const [apps, problems, sources] = [new Map<string, AppManifest>(), [] as Problem[], [] as AppSource[]];
  const others: Converted[] = [];
  for (const input of inputs) {
    const found = await conversion(input, apps, { ...options, isStrict: flags.strict === true });
    problems.push(...found.problems);
    sources.push(...found.sources);
    if (found.app) apps.set(found.app.metadata.name, found.app);
    others.push(found);
  }
  const isComplete = apps.size === inputs.length;
  const converted = { apps: [...apps.values()], problems, sources, isComplete, beside: others[0] ?? {} };
  return patches.texts.length > 0 && apps.size > 0 ? patched(converted, patches.texts) : converted;
}

const listed = (file: string | undefined) => (file === undefined ? [] : [file]);

interface Converted extends Pick<Conversion, 'app' | 'resources' | 'secrets' | 'problems'> {
  readonly sources: readonly AppSource[];
}

/** One file. Another App of the same name would take the place of the first when both are applied. */
async function conversion(
  { file, source }: Input,
  others: ReadonlyMap<string, AppManifest>,
  { isStrict, ...options }: ConvertOptions & { isStrict: boolean },
): Promise<Converted> {
  const { problems: found, sources, ...converted } = await conversionOf(file, source, options);
  const { app } = converted;
  const problems = found.map((problem) => ({ ...problem, file: problem.file ?? shownName(file) }));
  if (app && others.has(app.metadata.name)) {
    const { problem } = await import('../toml/report.ts');
    const message = `an earlier file has an App that is called ${app.metadata.name} too: convert one of them alone, with --name`;
    problems.push({ ...problem('badName', 'app', message, { line: 1, column: 1 }), file: shownName(file) });
    return { problems, sources: [] };
  }
  const isRefused = isStrict && problems.some(({ severity }) => severity === 'warning');
  if (!app || isRefused) return { problems, sources: [] };
  const named = { file: shownName(file), app: app.metadata.name };
  return { ...converted, problems, sources: sources.map((place) => ({ ...named, ...place })) };
}

async function readAll(files: readonly string[]): Promise<{ texts: NamedText[]; problems: Problem[] }> {
  const { problem } = await import('../toml/report.ts');
  const [texts, problems]: [NamedText[], Problem[]] = [[], []];
  for (const path of files) {
    const [file, source] = [shownName(path), await readSource(path)];
    if (typeof source === 'string') texts.push({ file, text: source });
    else problems.push({ ...problem('unreadable', '', source.problem, { line: 1, column: 1 }), file });
  }
  return { texts, problems };
}

async function patched(
  { apps, problems, sources, isComplete, beside }: Outcome,
  patches: readonly NamedText[],
): Promise<Outcome> {
  const [{ patchApps }, { patchedSources }] = await Promise.all([
    import('../toml/patch.ts'),
    import('../toml/patch-sources.ts'),
  ]);
  const found = patchApps(apps, patches, notActedOn);
  const isRight = found.problems.every(({ severity }) => severity !== 'error');
  return {
    apps: found.apps,
    problems: [...problems, ...found.problems],
    sources: patchedSources(sources, found.sources, found.apps),
    isComplete: isComplete && isRight,
    ...(beside && { beside }),
  };
}
