import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { type AppSpecInput, appSpecSchema } from '../api/app.ts';
import { type MachineSpecInput, machineSpecSchema } from '../api/machine.ts';
import { unrealisedOfMachine } from '../status/machine-unrealised.ts';
import { type Unrealised, unrealisedFields } from '../status/unrealised.ts';
import type { Conversion, ConvertOptions } from '../toml/convert.ts';
import type { Problem } from '../toml/report.ts';
import type { FieldNote } from '../toml/schema-check.ts';
import type { AppSource } from '../toml/sources.ts';
import { isColourful } from './terminal.ts';

/** The text of a file, or why there is none. */
export type Source = string | { readonly problem: string };

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; name another, or - for standard input',
  EISDIR: 'it is a folder; name the fly.toml in it',
  EACCES: 'it may not be read by you',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not text in UTF-8; save it as UTF-8',
};

/** Reads a file, or standard input where it is `-`. */
export async function readSource(file: string): Promise<Source> {
  try {
    const bytes = file === '-' ? await buffer(process.stdin) : await readFile(file);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return { problem: reasons[code] ?? message };
  }
}

/** How messages name a file. */
export function shownName(file: string): string {
  return file === '-' ? 'stdin' : file;
}

/** What a fly.toml, fly.json or fly.yaml becomes; its name says which it is. */
export async function conversionOf(file: string, source: Source, options: ConvertOptions): Promise<Conversion> {
  const [{ convert, unreadable }, { formatOf }] = await Promise.all([
    import('../toml/convert.ts'),
    import('../toml/document.ts'),
  ]);
  if (typeof source !== 'string') return unreadable(source.problem);
  const format = options.format ?? formatOf(file, source);
  return convert(source, { ...options, format, review: notActedOn, reviewMachine: notActedOnByMachine });
}

/** `sources`: as text, with where the fields of the App come from. */
export type ReportFormat = 'text' | 'sources' | 'json';

interface Findings {
  readonly problems: readonly Problem[];
  readonly sources?: readonly AppSource[];
}

/** On standard error, so that it never mixes with the App. */
export async function printReport(
  file: string,
  { problems, sources = [] }: Findings,
  format: ReportFormat = 'text',
): Promise<void> {
  const { problemLine, reportJson, sourceLine } = await import('../toml/report-text.ts');
  const name = shownName(file);
  if (format === 'json') return void process.stderr.write(`${reportJson(name, problems, sources)}\n`);
  const inColour = isColourful(process.stderr);
  const lines = [
    ...problems.map((problem) => problemLine(name, problem, inColour)),
    ...(format === 'sources' ? sources.map((source) => sourceLine(name, source)) : []),
  ];
  process.stderr.write(lines.map((line) => `${line}\n`).join(''));
}

/** What an operator with gates will say in the condition `Unrealised`, so that nobody meets it first in the cluster. */
export function notActedOn(spec: AppSpecInput): FieldNote[] {
  return unrealisedFields({ spec: appSpecSchema.parse(spec) }, true).map(noteOf);
}

/** The same of a Machine. */
function notActedOnByMachine(spec: MachineSpecInput): FieldNote[] {
  return unrealisedOfMachine({ spec: machineSpecSchema.parse(spec) }).map(noteOf);
}

function noteOf({ field, instead }: Unrealised): FieldNote {
  return { field, message: `is converted, but not acted on yet: ${instead}` };
}
