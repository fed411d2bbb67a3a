import { Command } from 'commander';
import { operatorNamespaceOption } from './operator-namespace.ts';
import type { RotateFlags } from './rotate-sealing-key.ts';

const examples = `
Examples:
  airfield rotate-key                 a new key; says which values are sealed for an old one
  airfield rotate-key --dry-run       says that of the keys there are, and changes nothing
  airfield rotate-key --remove-old    once nothing is sealed for the old keys any more

From now on \`airfield seal\` seals for the new key. What was sealed before opens as before, for old keys stay. To be rid of
an old key, as after somebody has seen it, seal the values again, new ones, apply them, and remove it: what is sealed for
a key that was removed is lost, also on branches and in backups.

You need the rights to get and update core Secret airfield-sealing-keys, and to list Secrets of airfield.dev.
Exit code: 0 when it is done, 1 when old keys are not removed for they are used, 2 when something is wrong.`;

/** `airfield rotate-key`: gives the operator a new sealing key, or takes old ones away. */
export function rotateKeyCommand(): Command {
  return new Command('rotate-key')
    .summary('give the operator a new key for sealed values')
    .description('Give the operator a new key that values are sealed for. Old keys stay, and open what they opened.')
    .option('--remove-old', 'remove all keys but the newest, unless a Secret has a value that is sealed for them')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)')
    .addOption(operatorNamespaceOption())
    .addHelpText('after', examples)
    .action(async (flags: RotateFlags) => {
      const { rotateSealingKey } = await import('./rotate-sealing-key.ts');
      process.exitCode = await rotateSealingKey(flags);
    });
}
