import type { MachineSpecInput } from '../api/machine.ts';
import { formatBytes } from '../api/quantity.ts';
import { given, type Section } from './section.ts';

/** What runs: the image's own where a field is absent. */
export type Program = Pick<MachineSpecInput, 'exec' | 'entrypoint' | 'command'>;

/** `init` of a machine, or a container in it, which has the same fields. `exec` stands for the other two. */
export function programOf(section: Section | undefined): Program {
  const words = (key: string) => {
    const found = section?.strings(key) ?? [];
    return found.length > 1 ? found : found.length === 1 ? found.map(alone) : undefined;
  };
  const [exec, entrypoint, command] = [words('exec'), words('entrypoint'), words('cmd')];
  if (!exec) return given({ entrypoint, command });
  for (const key of ['entrypoint', 'cmd']) if (section?.has(key)) section.overridden(key, '`exec` stands in its place');
  return { exec };
}

/** One element with blanks in it is split as a shell would (`commandForm`); on Fly it is one word. */
const alone = (word: string) => (/\s/.test(word) ? `'${word.replaceAll("'", `'"'"'`)}'` : word);

/** `init.tty` and `init.swap_size_mb`. */
export function terminalAndSwap(init: Section | undefined): Pick<MachineSpecInput, 'tty' | 'swap'> {
  const swap = init?.integer('swap_size_mb', { min: 0, max: 1_000_000 });
  return given({
    tty: init?.boolean('tty') || undefined,
    swap: swap ? formatBytes(swap * 2 ** 20) : undefined,
  });
}
