import { type KeyNode, keyAt } from './key-tree.ts';
import type { Position } from './locate.ts';
import { isTable, partsOf, type TomlTable, type TomlValue } from './parse.ts';
import { type Path, pathText } from './path.ts';
import type { Report } from './report.ts';
import { fieldsOf, originsIn } from './source-fields.ts';

/** A key of the file, or of one of its overlays, that has been converted. */
export interface FieldSource extends Position {
  /** As in `Problem`: `services[1].ports[0].port`. */
  readonly path: string;
  /**
   * What it is in the App, as `spec.services[1].ports[0].port`; several where one key stands for several. None where its
   * value goes without saying in an App, and where an option of the user goes before it.
   */
  readonly fields: readonly Path[];
}

/** A source that names its App. */
export type AppSource = FieldSource & { readonly app: string };

/** Where the fields of an App come from: every key of the file that no problem calls left out. */
export function sourcesOf(report: Report, root: TomlTable, app: object): FieldSource[] {
  const origins = originsIn(app, report);
  return [...convertedKeys(root)].flatMap(({ path, node }): FieldSource[] => {
    if (report.isLeftOut(path)) return [];
    const fields = report.wasReplaced(path) ? [] : fieldsOf(path, node, app, origins);
    return [{ ...report.locate(path), path: pathText(path), fields }];
  });
}

interface ConvertedKey {
  readonly path: Path;
  readonly node: KeyNode;
}

function* convertedKeys(value: TomlValue, path: Path = []): Generator<ConvertedKey> {
  const node = keyAt(path);
  if (node?.key && 'to' in node.key && !hasKeys(value, node)) yield { path, node };
  else if (node) for (const [part, item] of partsOf(value)) yield* convertedKeys(item, [...path, part]);
}

/** A key like `services[].concurrency` has one value, or is a table. */
function hasKeys(value: TomlValue, { below }: KeyNode): boolean {
  return below.size > 0 && (isTable(value) || (Array.isArray(value) && value.some(isTable)));
}
