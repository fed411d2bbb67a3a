import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import { type AppSpecInput, appSpecSchema } from '../api/app.ts';
import { unrealisedFields } from '../status/unrealised.ts';
import type { Conversion } from '../toml/convert.ts';
import type { Problem } from '../toml/report.ts';
import type { FieldNote } from '../toml/schema-check.ts';

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
  const { app, problems } = await conversion(file, flags);
  await print(file === '-' ? 'stdin' : file, problems, flags);
  if (!app || (flags.strict && problems.some(({ severity }) => severity === 'warning'))) return 1;
  const { renderYaml } = await import('../toml/render.ts');
  process.stdout.write(flags.output === 'json' ? `${JSON.stringify(app, null, 2)}\n` : renderYaml(app));
  return 0;
}

async function conversion(file: string, flags: Flags): Promise<Conversion> {
  const { convert, unreadable } = await import('../toml/convert.ts');
  const source = await read(file);
  return typeof source === 'string' ? convert(source, { ...flags, review: notActedOn }) : unreadable(source.problem);
}

/** On standard error, so that it never mixes with the App. `hasColors` knows NO_COLOR; pipes do not have it. */
async function print(file: string, problems: readonly Problem[], { report }: Flags): Promise<void> {
  const { problemLine, problemsJson } = await import('../toml/report-text.ts');
  if (report === 'json') return void process.stderr.write(`${problemsJson(file, problems)}\n`);
  const inColour = process.stderr.isTTY && process.stderr.hasColors();
  for (const problem of problems) process.stderr.write(`${problemLine(file, problem, inColour)}\n`);
}

/** What the operator of this version will say in the condition `Unrealised`, so that nobody meets it first in the cluster. */
function notActedOn(spec: AppSpecInput): FieldNote[] {
  const fields = unrealisedFields({ spec: appSpecSchema.parse(spec) });
  return fields.map(({ field, instead }) => ({ field, message: `is converted, but not acted on yet: ${instead}` }));
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; name another, or - for standard input',
  EISDIR: 'it is a folder; name the fly.toml in it',
  EACCES: 'it may not be read by you',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not text in UTF-8; save it as UTF-8',
};

async function read(file: string): Promise<string | { problem: string }> {
  try {
    const bytes = file === '-' ? await buffer(process.stdin) : await readFile(file);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return { problem: reasons[code] ?? message };
  }
}
