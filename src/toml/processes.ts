import { defaultProcess } from '../api/process.ts';
import { ShlexError, shlex } from '../api/shlex.ts';
import { becomes, labelOf } from './label.ts';
import { isTable } from './parse.ts';
import type { Path } from './path.ts';
import type { Section } from './section.ts';

/** The process groups of a file. */
export interface Groups {
  /** Names in an App and their commands; no command is the image's own. */
  readonly commands: ReadonlyMap<string, string[] | undefined>;
  /** Where each group is declared. */
  readonly origins: ReadonlyMap<string, Path>;
  /** Whether the file has [processes]; without it there is one group, `app`. */
  readonly areDeclared: boolean;
  /** Fly's rule: `app`, else the first by name (flyctl, appconfig/processgroups.go). */
  readonly default: string;
}

/** `[processes]`: a command for each group; or the older `[[processes]]` with `name` and `command`. */
export function groups(root: Section): Groups {
  const commands = new Map<string, string[] | undefined>();
  const origins = new Map<string, Path>();
  for (const [section, key, name] of declarations(root)) {
    const label = addGroup(commands, section, key, name);
    origins.set(label, key === name ? section.at(key) : section.path);
  }
  const areDeclared = commands.size > 0;
  if (!areDeclared) commands.set(defaultProcess, undefined);
  const first = [...commands.keys()].sort()[0] ?? defaultProcess;
  return { commands, origins, areDeclared, default: commands.has(defaultProcess) ? defaultProcess : first };
}

/** Where each command is, and the name of its group. */
function declarations(root: Section): [Section, string, string][] {
  const isTableOfCommands = isTable(root.value('processes'));
  return root.sections('processes').flatMap((section): [Section, string, string][] => {
    if (isTableOfCommands) return section.keys().map((name) => [section, name, name]);
    const name = section.text('name');
    if (name === undefined && section.has('command'))
      section.warn('noEffect', 'command', 'is not converted: it has no name, so Fly ignores it too');
    return name === undefined ? [] : [[section, 'command', name]];
  });
}

/** Returns its name in an App. */
function addGroup(commands: Map<string, string[] | undefined>, section: Section, key: string, name: string): string {
  const label = labelOf(name);
  if (!label || commands.has(label)) {
    section.wrong(key, label ? `is a second group called ${label}` : 'must have a letter or digit in its name');
  }
  if (label !== name) section.report.warn('renamed', section.at(key), becomes(label));
  commands.set(label, command(section, key));
  return label;
}

/** A command line as its words. An empty one is no command. */
export function command(section: Section, key: string): string[] | undefined {
  const line = section.string(key);
  if (line === undefined) return undefined;
  try {
    const words = shlex(line);
    return words.length > 0 ? section.report.made(words, section.at(key)) : undefined;
  } catch (error) {
    if (!(error instanceof ShlexError)) throw error;
    return section.wrong(key, `${error.message}: ${line}`);
  }
}

/** The `processes` of a section: the groups it is for. None given: none said. */
export function processesOf(section: Section, { commands }: Groups): string[] | undefined {
  const names = [...new Set(section.strings('processes')?.map(labelOf))];
  const unknown = names.find((name) => !commands.has(name));
  if (unknown !== undefined) {
    section.wrong(
      'processes',
      `names the group "${unknown}", but there is only: ${[...commands.keys()].join(', ')}`,
      'noSuchGroup',
    );
  }
  return names.length > 0 ? names : undefined;
}

/** The groups that a section is for; without `processes` the default group. */
export function appliesTo(section: Section, groups: Groups): string[] {
  return processesOf(section, groups) ?? [groups.default];
}
