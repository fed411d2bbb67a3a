import { Command, Option } from 'commander';
import { conversionOf, printProblems, readSource } from './conversion.ts';

interface Flags {
  readonly image?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly output: 'yaml' | 'json';
  readonly report: 'text' | 'json';
  readonly strict?: true;
}

const examples = `
Examples:
  airfield convert | kubectl apply -f -           the fly.toml in this folder, applied
  airfield convert deploy/fly.staging.toml --namespace staging
  airfield convert --image registry.example.com/hello:1.2.3 > app.yaml
  airfield convert - --output json < fly.toml

The App goes to standard output. What has no place in an App is named on standard error, with its line, a code
(docs/fly-toml.md lists them) and a severity: error, warning, or note, which asks nobody to do anything.
Exit code: 0 when there is an App, 1 when there is an error (or, with --strict, a warning), 2 for a wrong option.`;

/** `airfield convert [fly.toml]`: prints the App that a fly.toml describes. */
export function convertCommand(): Command {
  return new Command('convert')
    .summary('turn a fly.toml into an App')
    .description('Turn a fly.toml into an App for `kubectl apply`.')
    .argument('[file]', 'the fly.toml, or - for standard input', 'fly.toml')
    .option('--image <ref>', 'container image of the App, instead of `[build] image`')
    .option('--name <name>', 'name of the App, instead of `app`')
    .option('--namespace <name>', 'namespace of the App (default: the one that kubectl uses)')
    .addOption(new Option('-o, --output <format>', 'format of the App').choices(['yaml', 'json']).default('yaml'))
    .addOption(new Option('--report <format>', 'format of what is said').choices(['text', 'json']).default('text'))
    .option('--strict', 'fail on any warning')
    .addHelpText('after', examples)
    .action(async (file: string, flags: Flags) => {
      process.exitCode = await convertFile(file, flags);
    });
}

async function convertFile(file: string, flags: Flags): Promise<0 | 1> {
  const { app, problems } = await conversionOf(file, await readSource(file), flags);
  await printProblems(file, problems, flags.report);
  if (!app || (flags.strict && problems.some(({ severity }) => severity === 'warning'))) return 1;
  const { renderYaml } = await import('../toml/render.ts');
  process.stdout.write(flags.output === 'json' ? `${JSON.stringify(app, null, 2)}\n` : renderYaml(app));
  return 0;
}
