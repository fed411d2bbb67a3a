import { isTable } from './parse.ts';
import type { Groups } from './processes.ts';
import { given, type Section } from './section.ts';

/** What runs in the machines of a group. */
export interface Program {
  readonly command?: string[];
  readonly entrypoint?: string[];
}

/**
 * The program of each group: its command, else `cmd` of `[experimental]`, with `entrypoint` of `[experimental]`. `exec`
 * there stands for both (flyctl, InitCmd and the fields of `init`).
 */
export function programs(root: Section, { commands }: Groups): (group: string) => Program {
  const section = root.section('experimental');
  const words = (key: string) => (section?.strings(key)?.length ? section.strings(key) : undefined);
  const [cmd, entrypoint, exec] = [words('cmd'), words('entrypoint'), words('exec')];
  if (exec) warnOfExec(root);
  else if (![...commands.values()].includes(undefined) && section?.has('cmd'))
    section.overridden('cmd', 'each process group has a command of its own');
  return (group) => {
    const command = commands.get(group);
    return exec ? { entrypoint: exec } : given({ command: command ?? cmd, entrypoint });
  };
}

function warnOfExec(root: Section): void {
  const section = root.section('experimental');
  for (const key of ['cmd', 'entrypoint']) if (section?.has(key)) section.overridden(key, '`exec` stands in its place');
  const isTableOfCommands = isTable(root.value('processes'));
  for (const group of root.sections('processes'))
    for (const key of isTableOfCommands ? group.keys() : ['command'])
      if (group.text(key)) group.overridden(key, '`exec` of [experimental] stands in its place');
}
