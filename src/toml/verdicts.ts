import { type KeyNode, keyAt } from './key-tree.ts';
import { isTable, partsOf, type TomlValue } from './parse.ts';
import type { Path } from './path.ts';
import type { Report } from './report.ts';
import { Suggestions } from './suggestions.ts';
import { type Remark, remarkOf } from './verdict.ts';

/** Says what becomes of every key that no section has read, so that no part of a file is lost in silence. */
export function sayVerdicts(
  report: Report,
  value: TomlValue,
  path: Path = [],
  suggestions: Suggestions = new Suggestions(),
): void {
  if (report.isDone(path)) return;
  const node = keyAt(path);
  const remark = node && remarkOn(node);
  if (!node) warnOfUnknown(report, value, path, suggestions);
  else if (remark) report.warn(remark.name, path, remark.message);
  else if (!report.wasOpened(path)) warnOfUnread(report, value, path);
  else {
    for (const [part, item] of partsOf(value)) sayVerdicts(report, item, [...path, part], suggestions);
    noteApproximations(report, value, path);
  }
}

/** Once for the keys of a table that differ in the same, and not where more has been said already. */
function noteApproximations(report: Report, value: TomlValue, path: Path): void {
  const said = new Set<string>();
  for (const [part, item] of partsOf(value)) {
    const at = [...path, part];
    const key = keyAt(at)?.key;
    if (key?.verdict !== 'converted approximately' || !report.wasRead(at) || said.has(key.how)) continue;
    if (key.differs?.(item) === false || report.hasSpokenOf(at)) continue;
    report.warn('approximated', at, `is converted approximately: ${key.how}`);
    said.add(key.how);
  }
}

function remarkOn({ key, below }: KeyNode): Remark | undefined {
  const whole = key ?? below.get('[]')?.key;
  return whole && remarkOf(whole);
}

/** A known key that no section asks for, because of what else is in the file. */
function warnOfUnread(report: Report, value: TomlValue, path: Path): void {
  const message = 'is not converted: another part of the file goes before it';
  if (!report.wasRead(path) && saysSomething(value)) report.warn('overridden', path, message);
}

function warnOfUnknown(report: Report, value: TomlValue, path: Path, suggestions: Suggestions): void {
  if (!saysSomething(value)) return;
  const message = `is not converted: it is not a key of fly.toml that Airfield knows${suggestions.for(path)}`;
  if (isTable(value)) report.warnOfTable('unknownKey', path, message);
  else report.warn('unknownKey', path, message);
}

/** Whether there is any value in it; an empty table says nothing. */
function saysSomething(value: TomlValue): boolean {
  if (Array.isArray(value)) return value.length === 0 || value.some(saysSomething);
  return isTable(value) ? Object.values(value).some(saysSomething) : true;
}
