import { defaultProcess } from '../api/process.ts';
import { ShlexError, shlex } from '../api/shlex.ts';
import { becomes, labelOf } from './label.ts';
import { isTable } from './parse.ts';
import type { Section } from './section.ts';

/** The process groups of a file. */
export interface Groups {
  /** Names in an App and their commands; no command is the image's own. */
  readonly commands: ReadonlyMap<string, readonly string[] | undefined>;
  /** Whether the file has [processes]; without it there is one group, `app`. */
  readonly areDeclared: boolean;
  /** Fly's rule: `app`, else the first by name (flyctl, appconfig/processgroups.go). */
  readonly default: string;
}

/** `[processes]`: a command for each group; or the older `[[processes]]` with `name` and `command`. */
export function groups(root: Section): Groups {
  const commands = new Map<string, readonly string[] | undefined>();
  for (const [section, key, name] of declarations(root)) addGroup(commands, section, key, name);
  const areDeclared = commands.size > 0;
  if (!areDeclared) commands.set(defaultProcess, undefined);
  const first = [...commands.keys()].sort()[0] ?? defaultProcess;
  return { commands, areDeclared, default: commands.has(defaultProcess) ? defaultProcess : first };
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

function addGroup(
  commands: Map<string, readonly string[] | undefined>,
  section: Section,
  key: string,
  name: string,
): void {
  const label = labelOf(name);
  if (!label || commands.has(label)) {
    section.wrong(key, label ? `is a second group called ${label}` : 'must have a letter or digit in its name');
  }
  if (label !== name) section.report.warn('renamed', section.at(key), becomes(label));
  commands.set(label, command(section, key));
}

/** A command line as its words. An empty one is no command. */
export function command(section: Section, key: string): string[] | undefined {
  const line = section.string(key);
  if (line === undefined) return undefined;
  try {
    const words = shlex(line);
    return words.length > 0 ? words : undefined;
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
