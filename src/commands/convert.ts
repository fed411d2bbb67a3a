import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import { appSpecSchema } from '../api/app.ts';
import { unrealisedFields } from '../status/unrealised.ts';
import type { AppManifest } from '../toml/convert.ts';

interface Flags {
  readonly image?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly output: 'yaml' | 'json';
  readonly strict?: true;
}

const examples = `
Examples:
  airfield convert | kubectl apply -f -           the fly.toml in this folder, applied
  airfield convert deploy/fly.staging.toml --namespace staging
  airfield convert --image registry.example.com/hello:1.2.3 > app.yaml
  airfield convert - --output json < fly.toml

The App goes to standard output. What has no place in an App is named on standard error, with its line.
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
    .option('--strict', 'fail when anything is not converted')
    .addHelpText('after', examples)
    .action(async (file: string, flags: Flags) => {
      process.exitCode = await convertFile(file, flags);
    });
}

async function convertFile(file: string, flags: Flags): Promise<0 | 1> {
  const [{ convert }, { renderYaml }, { problemLine }] = await Promise.all([
    import('../toml/convert.ts'),
    import('../toml/render.ts'),
    import('../toml/report.ts'),
  ]);
  const source = await read(file);
  if (typeof source !== 'string') return fail(source.problem);
  const { app, problems } = convert(source, flags);
  const shown = file === '-' ? 'stdin' : file;
  for (const problem of problems) process.stderr.write(`${problemLine(shown, problem)}\n`);
  if (!app || (flags.strict && problems.length > 0)) return 1;
  for (const note of notes(app)) process.stderr.write(`${shown}: note: ${note}\n`);
  process.stdout.write(flags.output === 'json' ? `${JSON.stringify(app, null, 2)}\n` : renderYaml(app));
  return 0;
}

/** What the operator of this version will say in the condition `Unrealised`, so that nobody meets it first in the cluster. */
function notes(app: AppManifest): string[] {
  const fields = unrealisedFields({ spec: appSpecSchema.parse(app.spec) });
  return fields.map(({ field, instead }) => `${field} is converted, but not acted on yet: ${instead}`);
}

function fail(problem: string): 1 {
  process.stderr.write(`${problem}\n`);
  return 1;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; name another, or - for standard input',
  EISDIR: 'is a folder; name the fly.toml in it',
  EACCES: 'may not be read by you',
};

async function read(file: string): Promise<string | { problem: string }> {
  try {
    const bytes = file === '-' ? await buffer(process.stdin) : await readFile(file);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      return { problem: `${file}:1:1: is not text in UTF-8; save it as UTF-8` };
    return { problem: `${file}: ${reasons[code] ?? message}` };
  }
}
