import type { AppManifest, ConvertOptions } from '../toml/convert.ts';
import type { Format, NamedText } from '../toml/document.ts';
import type { Problem } from '../toml/report.ts';
import { conversionOf, notActedOn, printProblems, readSource, shownName } from './conversion.ts';
import { type Input, inputsOf, isFolder } from './inputs.ts';
import { failed } from './messages.ts';

export interface Flags {
  readonly image?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly format?: Format;
  readonly overlay: readonly string[];
  readonly patch: readonly string[];
  readonly output: 'yaml' | 'json';
  readonly report: 'text' | 'json';
  readonly strict?: true;
}

/** Prints the Apps of files, and what is to be said about them. Returns the exit code. */
export async function convertFiles(paths: readonly string[], flags: Flags): Promise<0 | 1 | 2> {
  if ([...paths, ...flags.overlay, ...flags.patch].filter((path) => path === '-').length > 1)
    return failed('standard input can be read once: name - once');
  const isMany = paths.length > 1 || (await isFolder(paths[0] ?? ''));
  const inputs = await inputsOf(paths);
  if (flags.name !== undefined && inputs.length > 1)
    return failed(`--name is for one file, and there are ${inputs.length}`);
  const { apps, problems, isComplete } = await conversionsOf(inputs, flags);
  await printProblems('', problems, flags.report);
  await print(apps, isMany, flags);
  return isComplete ? 0 : 1;
}

interface Outcome {
  readonly apps: readonly AppManifest[];
  readonly problems: readonly Problem[];
  /** Whether every file has become an App. */
  readonly isComplete: boolean;
}

async function conversionsOf(inputs: readonly Input[], flags: Flags): Promise<Outcome> {
  const [overlays, patches] = [await readAll(flags.overlay), await readAll(flags.patch)];
  const unread = [...overlays.problems, ...patches.problems];
  if (unread.length > 0) return { apps: [], problems: unread, isComplete: false };
  const options = { ...flags, overlays: overlays.texts };
  const [apps, problems] = [new Map<string, AppManifest>(), [] as Problem[]];
  for (const input of inputs) {
    const found = await conversion(input, apps, { ...options, isStrict: flags.strict === true });
    problems.push(...found.problems);
    if (found.app) apps.set(found.app.metadata.name, found.app);
  }
  const converted = { apps: [...apps.values()], problems, isComplete: apps.size === inputs.length };
  return patches.texts.length > 0 && apps.size > 0 ? patched(converted, patches.texts) : converted;
}

/** One file. Another App of the same name would take the place of the first when both are applied. */
async function conversion(
  { file, source }: Input,
  others: ReadonlyMap<string, AppManifest>,
  { isStrict, ...options }: ConvertOptions & { isStrict: boolean },
): Promise<{ app?: AppManifest; problems: readonly Problem[] }> {
  const { app, problems: found } = await conversionOf(file, source, options);
  const problems = found.map((problem) => ({ ...problem, file: problem.file ?? shownName(file) }));
  if (app && others.has(app.metadata.name)) {
    const { problem } = await import('../toml/report.ts');
    const message = `an earlier file has an App that is called ${app.metadata.name} too: convert one of them alone, with --name`;
    problems.push({ ...problem('badName', 'app', message, { line: 1, column: 1 }), file: shownName(file) });
    return { problems };
  }
  const isRefused = isStrict && problems.some(({ severity }) => severity === 'warning');
  return app && !isRefused ? { app, problems } : { problems };
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

async function patched({ apps, problems, isComplete }: Outcome, patches: readonly NamedText[]): Promise<Outcome> {
  const { patchApps } = await import('../toml/patch.ts');
  const found = patchApps(apps, patches, notActedOn);
  const isRight = found.problems.every(({ severity }) => severity !== 'error');
  return { apps: found.apps, problems: [...problems, ...found.problems], isComplete: isComplete && isRight };
}

/** Several Apps are documents of YAML, or a List of JSON, as kubectl reads them. */
async function print(apps: readonly AppManifest[], isMany: boolean, { output }: Flags): Promise<void> {
  if (apps.length === 0) return;
  if (output === 'json') {
    const [first] = apps;
    const whole = isMany ? { apiVersion: 'v1', kind: 'List', items: apps } : first;
    process.stdout.write(`${JSON.stringify(whole, null, 2)}\n`);
    return;
  }
  const { renderYaml } = await import('../toml/render.ts');
  process.stdout.write(apps.map((app) => renderYaml(app)).join('---\n'));
}
