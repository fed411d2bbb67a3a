import { innerKeys, isInside } from '../toml/inner-keys.ts';
import { type KeyNode, keyAt, nameOf, namesIn, tablesByName } from '../toml/key-tree.ts';
import { keys } from '../toml/keys.ts';
import { nearest } from '../toml/nearest.ts';
import type { Path } from '../toml/path.ts';
import { remarkOf } from '../toml/verdict.ts';
import { keyText, sectionsText, tableText } from './key-text.ts';
import { type Paint, unpainted } from './terminal.ts';

/** Lines for people, and whether they are about something that flyctl reads. */
export interface Explanation {
  readonly isKnown: boolean;
  readonly text: string;
}

/**
 * What becomes of a key or a section, however it is written: `services.ports.handlers`, `services[].ports[0].handlers`,
 * `[[services.ports]] handlers`. Nothing written stands for the whole file.
 */
export function explain(written: string, paint: Paint = unpainted): Explanation {
  if (!written.trim()) return { isKnown: true, text: sectionsText(paint) };
  const path = pathIn(written.trim());
  const { node, inside } = closest(path);
  if (!node) return { isKnown: false, text: unknown(written.trim(), path) };
  const parts = [node.key && keyText(node.pattern, node.key, paint, inside), tableText(node, paint)];
  return { isKnown: true, text: parts.filter(Boolean).join('\n') };
}

function pathIn(written: string): Path {
  const [, table, key] = /^\[\[?([^[\]]+)\]\]?\s*(.*)$/.exec(written) ?? [];
  const dotted = table ? [table, key].filter(Boolean).join('.') : written;
  return dotted.split('.').flatMap((part) => {
    const [, name = part, brackets] = /^([^[\]]+)((?:\[\d*\])+)$/.exec(part) ?? [];
    return brackets ? [name, 0] : [name];
  });
}

/** The key itself, or what it is in where that has one verdict for all of it, such as `[build.args]`. */
function closest(path: Path): { node?: KeyNode | undefined; inside?: string } {
  for (let length = 1; length < path.length; length++) {
    const whole = keyOf(keyAt(path.slice(0, length)));
    const name = path
      .slice(length)
      .filter((part) => typeof part === 'string')
      .join('.');
    if (!whole?.key || !remarkOf(whole.key)) continue;
    if (name === '') return { node: whole };
    return isInside(whole.pattern, name) ? { node: whole, inside: name } : {};
  }
  const node = keyAt(path);
  return { node: keyOf(node) ?? node };
}

/** A table of which there is nothing to say but a verdict of its elements is as good as an element. */
function keyOf(node: KeyNode | undefined): KeyNode | undefined {
  if (node?.key) return node;
  const element = node?.below.get('[]');
  return element?.key && element;
}

function unknown(written: string, path: Path): string {
  const meant = meantBy(path);
  const shown = JSON.stringify(written.slice(0, 80));
  const advice =
    meant.length > 0
      ? `did you mean ${meant.join(', ')}?`
      : '`airfield explain` lists the sections, and `airfield explain <section>` its keys';
  return `error: fly.toml has no key or section ${shown}; ${advice}\n`;
}

/** Keys of that name in other tables; else the nearest in the same table, else anywhere. */
function meantBy(path: Path): string[] {
  const names = path.filter((part) => typeof part === 'string');
  const last = names.at(-1)?.toLowerCase() ?? '';
  const elsewhere = patternsOf(last);
  if (elsewhere.length > 0) return elsewhere;
  const table = keyAt(path.slice(0, path.lastIndexOf(names.at(-1) ?? '')));
  const near = table && nearest(last, [...namesIn(table), ...(innerKeys[keyOf(table)?.pattern ?? ''] ?? [])]);
  if (near) return [[...names.slice(0, -1), near].join('.')];
  const anywhere = nearest(last, [...tablesByName.keys()]);
  return anywhere ? patternsOf(anywhere) : [];
}

const mostMeant = 4;

function patternsOf(name: string): string[] {
  return Object.keys(keys)
    .filter((pattern) => nameOf(pattern) === name)
    .slice(0, mostMeant)
    .map((pattern) => pattern.replaceAll('[]', ''));
}
