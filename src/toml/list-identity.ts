import { keyAt } from './key-tree.ts';
import type { TomlTable, TomlValue } from './parse.ts';
import type { Path } from './path.ts';

type Identity = (value: (key: string) => TomlValue | undefined) => string | undefined;

/** Tables and lists name nothing. */
const word = (value: TomlValue | undefined): string | undefined =>
  typeof value === 'object' ? undefined : value?.toString();

const by =
  (key: string): Identity =>
  (value) =>
    word(value(key));

/** The groups that a table is for, in any order; none named is a name too. */
const byProcesses: Identity = (value) => JSON.stringify([value('processes') ?? []].flat().map(word).sort());

const byPort: Identity = (value) => {
  const [port, start, end] = [word(value('port')), word(value('start_port')), word(value('end_port'))];
  return port ?? (start === undefined ? undefined : `${start}-${end}`);
};

const byService: Identity = (value) => {
  const port = word(value('internal_port'));
  return port === undefined ? undefined : `${port}/${word(value('protocol')) ?? 'tcp'}`;
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
