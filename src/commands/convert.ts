import { Command, Option } from 'commander';
import { conversionOptions } from './conversion-options.ts';
import { convertFiles, type Flags } from './convert-files.ts';

const examples = `
Examples:
  airfield convert | kubectl apply -f -           the fly.toml in this folder, applied
  airfield convert deploy/fly.staging.toml --namespace staging
  airfield convert --image registry.example.com/hello:1.2.3 > app.yaml
  airfield convert - --output json < fly.toml
  airfield convert fly.toml -f fly.staging.toml   with an overlay, whose values go before those of the file
  airfield convert fly.toml --patch patch.yaml    with fields of the App that fly.toml has no key for
  airfield convert services/ > apps.yaml          every fly.toml below a folder

A file is TOML, JSON or YAML by its name. Of a folder each fly.toml, fly.json or fly.yaml below it is converted, but for
those in hidden folders and in node_modules. Overlays: tables merge; lists of tables merge by the name of their elements
(services: internal_port and protocol; ports: port; mounts: source; files: guest_path; processes, checks and headers:
name; vm, restart and metrics: processes); all else replaces. \`key = false\` and an empty table take a table away, and
\`remove = true\` in an element of a list takes that of its name away.
Patches are parts of an App with its kind and metadata.name: maps merge, lists merge by name, null takes away.

With --report sources, and in that of json, each key is named with the field of the App that it became, and where it is
written: in the file, an overlay or a patch.

The App goes to standard output. What has no place in an App is named on standard error, with its line, a code
(docs/fly-toml.md lists them) and a severity: error, warning, or note, which asks nobody to do anything.
Exit code: 0 when there is an App of each file, 1 when there is an error (or, with --strict, a warning), 2 for a wrong
option. A file with an error does not keep the others from being printed.`;

/** `airfield convert [fly.toml]`: prints the Apps that files describe. */
export function convertCommand(): Command {
  const command = new Command('convert')
    .summary('turn a fly.toml into an App')
    .description('Turn a fly.toml into an App for `kubectl apply`.')
    .argument('[files...]', 'fly.toml, a folder, or - for standard input (default: fly.toml)');
  return conversionOptions(command)
    .option('--namespace <name>', 'namespace of the App (default: the one that kubectl uses)')
    .addOption(new Option('-o, --output <format>', 'format of the App').choices(['yaml', 'json']).default('yaml'))
    .addOption(
      new Option('--report <format>', 'format of what is said').choices(['text', 'sources', 'json']).default('text'),
    )
    .option('--strict', 'fail on any warning')
    .addHelpText('after', examples)
    .action(async (files: string[], flags: Flags) => {
      process.exitCode = await convertFiles(files.length > 0 ? files : ['fly.toml'], flags);
    });
}
