import type { AppSpecInput } from '../api/app.ts';
import { codes } from './codes.ts';
import type { AppManifest } from './convert.ts';
import type { NamedText } from './document.ts';
import type { Position } from './locate.ts';
import { isTable, type TomlDocument, type TomlTable } from './parse.ts';
import { parseYamlStream, type YamlDocument, YamlSyntaxError } from './parse-yaml.ts';
import { mergePatch } from './patch-merge.ts';
import { manifestJsonSchema, manifestSchema } from './patch-schema.ts';
import { type Written, writtenSources } from './patch-sources.ts';
import { type Path, pathText } from './path.ts';
import { type Problem, problem } from './report.ts';
import type { FieldNote } from './schema-check.ts';
import type { AppSource } from './sources.ts';

export interface Patched {
  /** Those that no patch has made wrong; none where a file cannot be read, whatever it is for. */
  readonly apps: readonly AppManifest[];
  /** About the patches. */
  readonly problems: readonly Problem[];
  /** Where the fields of `apps` come from that patches have written. */
  readonly sources: readonly AppSource[];
}

/**
 * Apps with what patch files write into them. A patch is a part of an App with its `kind` and `metadata.name`, in YAML or
 * JSON, several in a file behind `---`: maps merge, lists merge whose elements the API tells apart by keys, all else
 * replaces, null takes away. `review` says what else is to be said of fields of an App.
 */
export function patchApps(
  apps: readonly AppManifest[],
  files: readonly NamedText[],
  review: (spec: AppSpecInput) => readonly FieldNote[] = () => [],
): Patched {
  const problems: Problem[] = [];
  const targets = apps.map((app) => new Target(app));
  for (const { file, text } of files) {
    for (const document of documentsOf(file, text, problems)) {
      const target = targetOf(document, targets);
      if (target instanceof Target) target.patch(file, document);
      else problems.push({ ...problem('badPatch', '', target, document.locator.locate([])), file });
    }
  }
  if (problems.some(({ code }) => code === codes.brokenYaml.code)) return { apps: [], problems, sources: [] };
  const found = targets.map((target) => ({
    app: target.app,
    sources: target.sources,
    problems: target.problems(review),
  }));
  const right = found.filter(({ problems }) => problems.every(({ severity }) => severity !== 'error'));
  return {
    apps: right.map(({ app }) => app),
    problems: [...problems, ...found.flatMap(({ problems }) => problems)],
    sources: right.flatMap(({ sources }) => sources),
  };
}

function documentsOf(file: string, text: string, problems: Problem[]): YamlDocument[] {
  try {
    return parseYamlStream(text);
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    problems.push({ ...problem('brokenYaml', '', error.message, error.position), file });
    return [];
  }
}

/** The App that a patch is for, or why there is none. */
function targetOf({ root }: TomlDocument, targets: readonly Target[]): Target | string {
  const { kind, metadata } = root;
  const name = isTable(metadata) ? metadata.name : undefined;
  if (typeof kind !== 'string' || typeof name !== 'string') {
    return 'a patch needs kind and metadata.name, which say what it is for';
  }
  const target = kind === 'App' ? targets.find(({ app }) => app.metadata.name === name) : undefined;
  const names = targets.map(({ app }) => `App/${app.metadata.name}`).join(', ') || 'none';
  return target ?? `there is no ${kind}/${name} to patch; there is: ${names}`;
}

class Target {
  app: AppManifest;
  readonly #before: AppManifest;
  readonly #unknown: Problem[] = [];
  /** Where each value comes from that a patch has written, by its path in the App. */
  readonly #origins = new Map<string, Position>();
  readonly #written: Written[] = [];

  constructor(app: AppManifest) {
    this.app = app;
    this.#before = app;
  }

  patch(file: string, { root, locator, nulls }: YamlDocument): void {
    this.app = mergePatch(this.app, root as TomlTable, {
      schema: manifestJsonSchema(),
      nulls: byParent(nulls),
      wrote: (path, from) => {
        const position = { ...locator.locate(from), file };
        this.#origins.set(JSON.stringify(path), position);
        this.#written.push({ ...position, field: path, path: pathText(from) });
      },
      unknown: (path, from) => {
        const message = `${pathText(path)} is not a field of an App`;
        this.#unknown.push({ ...problem('badPatch', pathText(from), message, locator.locate(from)), file });
      },
    }) as AppManifest;
  }

  get sources(): AppSource[] {
    return writtenSources(this.app, this.#written);
  }

  problems(review: (spec: AppSpecInput) => readonly FieldNote[]): Problem[] {
    if (this.app === this.#before) return [];
    const wrong = (manifestSchema.safeParse(this.app).error?.issues ?? []).map(({ path, message }) => {
      const fields = path.map((part) => (typeof part === 'number' ? part : String(part)));
      return problem('refused', pathText(fields), `${pathText(fields)} of the App: ${message}`, this.#originOf(fields));
    });
    if (this.#unknown.length + wrong.length > 0) return [...this.#unknown, ...wrong];
    const known = new Set(review(this.#before.spec).map(({ field }) => field));
    return review(this.app.spec).flatMap(({ field, message }) => {
      const fields = field.match(/[^.[\]]+/g)?.map((part) => (/^\d+$/.test(part) ? Number(part) : part)) ?? [];
      const position = this.#originOf(fields);
      return known.has(field) ? [] : [problem('notActedOn', field, `${field} ${message}`, position)];
    });
  }

  /** What no patch has written itself is where the last of them is that wrote around it. */
  #originOf(fields: Path): Position {
    for (let length = fields.length; length > 0; length--) {
      const origin = this.#origins.get(JSON.stringify(fields.slice(0, length)));
      if (origin) return origin;
    }
    return this.#origins.get('[]') ?? { line: 1, column: 1 };
  }
}

function byParent(paths: readonly Path[]): Map<string, string[]> {
  const parents = Map.groupBy(paths, (path) => JSON.stringify(path.slice(0, -1)));
  return new Map([...parents].map(([parent, below]) => [parent, below.map((path) => String(path.at(-1)))]));
}
