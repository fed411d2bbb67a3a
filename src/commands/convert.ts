import { Command, Option } from 'commander';
import { conversionOptions } from './conversion-options.ts';
import { convertFiles, type Flags } from './convert-files.ts';
import { operatorNamespaceOption } from './operator-namespace.ts';

const examples = `
Examples:
  airfield convert | kubectl apply -f -           the fly.toml in this folder, applied
  airfield convert deploy/fly.staging.toml --namespace staging
  airfield convert --image registry.example.com/hello:1.2.3 > app.yaml
  airfield convert - --output json < fly.toml
  airfield convert fly.toml -f fly.staging.toml   with an overlay, whose values go before those of the file
  airfield convert fly.toml --patch patch.yaml    with fields of the App that fly.toml has no key for
  airfield convert services/ > apps.yaml          every fly.toml below a folder
  fly machine list --json | airfield convert --machines - --secrets .env > app.yaml     with all that Fly knows

A file is TOML, JSON or YAML by its name. Of a folder each fly.toml, fly.json or fly.yaml below it is converted, but for
those in hidden folders and in node_modules. Overlays: tables merge; lists of tables merge by the name of their elements
(services: internal_port and protocol; ports: port; mounts: source; files: guest_path; processes, checks and headers:
name; vm, restart and metrics: processes); all else replaces. \`key = false\` and an empty table take a table away, and
\`remove = true\` in an element of a list takes that of its name away.
Patches are parts of an App with its kind and metadata.name: maps merge, lists merge by name, null takes away.

What no fly.toml holds, for one file at a time:
  --count 3 --count worker=2         machines of the default group, and of another
  --region fra=2 --region worker/sin=1   machines in regions; of one group, beside --count, they are a part of it, and
                                     the rest is in the primary region: --count app=3 --region fra=2
  --machines machines.json           of \`fly machine list --json\`: machines of process groups give counts and regions,
                                     where the options above do not; others become Machines, and those with a schedule
                                     become Schedules
  --secrets .env                     a Secret called as the App, of sealed values: safe in Git, for this namespace and
                                     this cluster only. What [[files]] takes from it is decoded from base64, as on Fly.
                                     --plain-secrets prints the values, so never commit that
They are printed in this order: Secret, App, Machines, Schedules. The same input gives the same output, to the byte;
but for sealed values, which are random each time: to change one, use \`airfield seal --into\`.

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
    .option('--secrets <file>', 'a .env file, whose variables are sealed into a Secret')
    .option('--plain-secrets', 'print the values of secrets as they are')
    .option('--public-key <key>', 'key to seal with, or a file with it (default: that of the cluster)')
    .option('--context <name>', 'context of the kubeconfig to seal for (default: its current one)')
    .addOption(operatorNamespaceOption())
    .option('-n, --namespace <name>', 'namespace of the App (default: the one that kubectl uses)')
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
