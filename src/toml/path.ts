/** Where a value is in a document: `['services', 0, 'ports', 1, 'port']`. */
export type Path = readonly (string | number)[];

/** The value at a path; undefined where there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((part: unknown, name) => {
    const isThere = typeof part === 'object' && part !== null && Object.hasOwn(part, name);
    return isThere ? (part as Record<string | number, unknown>)[name] : undefined;
  }, value);
}

/** A path as programs write it: `services[1].ports[0].port`. */
export function pathText(path: Path): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

/** A key as people find it in the file: `kill_signal`, `[build] image`, `[[services.ports]] port`. */
export function keyLabel(path: Path): string {
  const names = path.filter((part) => typeof part === 'string');
  if (names.length < 2) return names[0] ?? 'the file';
  return `${tableLabel(path.slice(0, path.lastIndexOf(names.at(-1) ?? '')))} ${names.at(-1)}`;
}

/** A table as its header is written: `[build]`, `[[services.ports]]`. */
export function tableLabel(path: Path): string {
  const names = path.filter((part) => typeof part === 'string').join('.');
  return path.some((part) => typeof part === 'number') ? `[[${names}]]` : `[${names}]`;
}
