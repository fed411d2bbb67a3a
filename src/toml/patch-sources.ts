import type { AppManifest } from './convert.ts';
import type { Position } from './locate.ts';
import { type Path, valueAt } from './path.ts';
import type { AppSource } from './sources.ts';

/** A value that a patch has written into an App. */
export interface Written extends Position {
  readonly field: Path;
  /** In the patch. */
  readonly path: string;
}

/** Those that are still there, each where it was written last. Of maps, and of lists of them, only what is in them. */
export function writtenSources(app: AppManifest, written: readonly Written[]): AppSource[] {
  const latest = new Map(written.map((value) => [JSON.stringify(value.field), value]));
  return [...latest.values()]
    .filter(({ field }) => isWhole(valueAt(app, field)) && !isList(valueAt(app, field.slice(0, -1))))
    .filter(({ field: [first] }) => first === 'spec')
    .map(({ field, ...place }) => ({ ...place, app: app.metadata.name, fields: [field] }));
}

/** The sources of Apps before and after patches: a field that a patch has written or taken away has lost its first one. */
export function patchedSources(
  before: readonly AppSource[],
  written: readonly AppSource[],
  apps: readonly AppManifest[],
): AppSource[] {
  const byName = new Map(apps.map((app) => [app.metadata.name, app]));
  const overwritten = new Set(
    written.flatMap(({ app, fields }) => fields.map((field) => JSON.stringify([app, field]))),
  );
  const isKept = (name: string, field: Path) =>
    valueAt(byName.get(name), field) !== undefined &&
    !field.some((_, index) => overwritten.has(JSON.stringify([name, field.slice(0, index + 1)])));
  const kept = before.flatMap((source) => {
    const fields = source.fields.filter((field) => isKept(source.app, field));
    return fields.length < source.fields.length && fields.length === 0 ? [] : [{ ...source, fields }];
  });
  return [...kept.filter(({ app }) => byName.has(app)), ...written];
}

const isList = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item !== 'object');
const isWhole = (value: unknown): boolean => value !== undefined && (typeof value !== 'object' || isList(value));
