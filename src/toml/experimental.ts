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
  if (exec) {
    for (const key of ['cmd', 'entrypoint'])
      if (section?.has(key)) section.overridden(key, '`exec` stands in its place');
  }
  return (group) => {
    const command = commands.get(group);
    return exec ? { entrypoint: exec } : given({ command: command ? [...command] : cmd, entrypoint });
  };
}
