import { keyAt } from './key-tree.ts';
import type { TomlTable, TomlValue } from './parse.ts';
import type { Path } from './path.ts';

type Identity = (value: (key: string) => TomlValue | undefined) => string | undefined;

const by =
  (key: string): Identity =>
  (value) =>
    value(key)?.toString();

/** The groups that a table is for, in any order; none named is a name too. */
const byProcesses: Identity = (value) => JSON.stringify([value('processes') ?? []].flat().map(String).sort());

const byPort: Identity = (value) => {
  const [port, start, end] = [value('port'), value('start_port'), value('end_port')];
  return port?.toString() ?? (start === undefined ? undefined : `${start}-${end}`);
};

const byService: Identity = (value) => {
  const port = value('internal_port');
  return port === undefined ? undefined : `${port}/${value('protocol') ?? 'tcp'}`;
};

/** By what overlays tell the elements of a list of tables apart. Lists that are not here are replaced as a whole. */
const identities: Readonly<Record<string, Identity>> = {
  services: byService,
  'services[].ports': byPort,
  processes: by('name'),
  checks: by('name'),
  'services[].http_checks[].headers': by('name'),
  'http_service.checks[].headers': by('name'),
  'checks.<name>.headers': by('name'),
  mounts: by('source'),
  files: by('guest_path'),
  vm: byProcesses,
  restart: byProcesses,
  metrics: byProcesses,
};

/** Older names of lists. */
const newer: Readonly<Record<string, string>> = { mount: 'mounts', compute: 'vm', computes: 'vm', metric: 'metrics' };

/** The name of an element of the list at `path`; undefined where it has none. */
export function identityOf(path: Path, element: TomlTable): string | undefined {
  const pattern = keyAt(path)?.pattern ?? '';
  const identity = identities[newer[pattern] ?? pattern];
  return identity?.((key) => {
    const written = Object.keys(element).find((name) => name.toLowerCase() === key);
    return written === undefined ? undefined : element[written];
  });
}
