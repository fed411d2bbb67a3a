import { type Command, InvalidArgumentError, Option } from 'commander';
import { countFlag, regionFlag } from '../toml/scale-flags.ts';

/** What is said beside a fly.toml, to every command that converts one. */
export function conversionOptions(command: Command): Command {
  return command
    .addOption(repeatable('-f, --overlay <file>', 'file that is merged into it'))
    .addOption(repeatable('--patch <file>', 'file of patches for the App, as YAML'))
    .addOption(new Option('--format <format>', 'format of the input (default: by its name)').choices(formats))
    .option('--image <ref>', 'container image of the App, instead of `[build] image`')
    .option('--name <name>', 'name of the App, instead of `app`')
    .addOption(parsed('--count <n>', 'machines of the default group, or of another: worker=2', countFlag))
    .addOption(parsed('--region <region=n>', 'machines in a region, also of a group: worker/fra=2', regionFlag))
    .option('--machines <file>', 'what `fly machine list --json` prints');
}

const formats = ['toml', 'json', 'yaml'];

function repeatable(flags: string, description: string): Option {
  return new Option(flags, `${description}; may be repeated`)
    .argParser((value: string, before: readonly string[]) => [...before, value])
    .default([], 'none');
}

/** An option that may be repeated and is read by `read`, whose errors say what to write. */
function parsed<T>(flags: string, description: string, read: (text: string) => T): Option {
  return new Option(flags, `${description}; may be repeated`).argParser((value: string, before: readonly T[] = []) => {
    try {
      return [...before, read(value)];
    } catch (error) {
      throw new InvalidArgumentError(`${(error as Error).message}.`);
    }
  });
}
