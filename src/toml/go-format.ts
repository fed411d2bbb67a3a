import { isTable, TomlDate, type TomlValue } from './parse.ts';

/** A value as Go's `%v` prints it: how flyctl makes strings of the values in `[env]`. */
export function goFormat(value: TomlValue): string {
  if (typeof value === 'number') return goFloat(value);
  if (value instanceof TomlDate) return value.text;
  if (Array.isArray(value)) return `[${value.map(goFormat).join(' ')}]`;
  if (!isTable(value)) return `${value}`;
  const entries = Object.keys(value).sort();
  return `map[${entries.map((key) => `${key}:${goFormat(value[key] ?? '')}`).join(' ')}]`;
}

/** The shortest digits that mean the number, with an exponent below 1e-4 and from 1e21 on (strconv, format `g`). */
function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-4 && size < 1e21)) return `${value}`;
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}
