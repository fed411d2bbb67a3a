import type { KeyNode } from './key-tree.ts';
import { type Path, valueAt } from './path.ts';
import type { Report } from './report.ts';

/** The parts of an App that come from a place of the file, by that place. */
export type OriginIndex = ReadonlyMap<string, readonly Path[]>;

export function originsIn(app: object, report: Report): OriginIndex {
  const index = new Map<string, Path[]>();
  const visit = (part: unknown, field: Path): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const origin of report.originsOf(part)) {
      const key = JSON.stringify(origin);
      index.set(key, [...(index.get(key) ?? []), field]);
    }
    for (const [name, item] of Object.entries(part)) visit(item, [...field, Array.isArray(part) ? Number(name) : name]);
  };
  visit(app, []);
  return index;
}

/** The fields of an App that a key has become. */
export function fieldsOf(path: Path, { key, pattern }: KeyNode, app: object, origins: OriginIndex): Path[] {
  if (!key || !('to' in key)) return [];
  const targets = [key.to, ...(key.or ? [key.or] : [])].map((to) => fieldPattern(to, path, pattern));
  for (const target of targets) {
    const fields = fieldsLike(target, path, origins).filter((field) => valueAt(app, field) !== undefined);
    if (fields.length > 0) return unique(fields);
  }
  return [];
}

const unique = (paths: readonly Path[]): Path[] => [
  ...new Map(paths.map((path) => [JSON.stringify(path), path])).values(),
];

/** `spec.services[].ports[]` as a path in which -1 is any element, and `<name>` the name in the file. */
function fieldPattern(to: string, path: Path, pattern: string): Path {
  const hasName = pattern.endsWith('<name>');
  return to.split('.').flatMap((part): Path => {
    if (part === '<name>') return hasName ? path.slice(-1) : [];
    return part.endsWith('[]') ? [part.slice(0, -2), -1] : [part];
  });
}

/** The innermost table that a key is in and that is a part of the App says which elements of lists are meant. */
function fieldsLike(target: Path, path: Path, origins: OriginIndex): Path[] {
  if (!target.includes(-1)) return [target];
  for (let length = path.length; length > 0; length--) {
    const parts = origins.get(JSON.stringify(path.slice(0, length))) ?? [];
    const fields = parts
      .filter((part) =>
        part.every((name, depth) => name === target[depth] || (typeof name === 'number' && target[depth] === -1)),
      )
      .map((part) => [...part, ...target.slice(part.length)])
      .filter((field) => !field.includes(-1));
    if (fields.length > 0) return fields;
  }
  return [];
}
