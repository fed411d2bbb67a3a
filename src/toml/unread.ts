import { isTable, type TomlValue } from './parse.ts';
import type { Path } from './path.ts';
import type { Report } from './report.ts';

/** Warns of every key that nothing has read, so that no part of a file is lost in silence. */
export function warnOfUnread(report: Report, value: TomlValue, path: Path = []): void {
  if (report.isDone(path) || (report.wasRead(path) && !report.wasOpened(path))) return;
  if (path.length > 0 && !report.wasOpened(path)) {
    const message = 'is not converted: it is not a key of fly.toml that Airfield knows';
    if (saysSomething(value))
      isTable(value) ? report.warnOfTable('unknownKey', path, message) : report.warn('unknownKey', path, message);
    return;
  }
  if (Array.isArray(value)) for (const [index, item] of value.entries()) warnOfUnread(report, item, [...path, index]);
  if (isTable(value)) for (const key of Object.keys(value)) warnOfUnread(report, value[key] ?? '', [...path, key]);
}

/** Whether there is any value in it; an empty table says nothing. */
function saysSomething(value: TomlValue): boolean {
  if (Array.isArray(value)) return value.length === 0 || value.some(saysSomething);
  return isTable(value) ? Object.values(value).some(saysSomething) : true;
}
