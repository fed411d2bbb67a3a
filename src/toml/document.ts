import { type Overlaid, type Overlay, overlay } from './overlay.ts';
import { parseToml, type TomlDocument, TomlSyntaxError } from './parse.ts';
import { JsonSyntaxError, parseJson } from './parse-json.ts';
import { parseYaml, YamlSyntaxError } from './parse-yaml.ts';
import { type Problem, problem } from './report.ts';

/** How a file is written. */
export type Format = 'toml' | 'json' | 'yaml';

/** The format of a file by its name; of another name, or of standard input, by how the text begins. */
export function formatOf(file: string, text: string): Format {
  const extension = /\.(toml|json|ya?ml)$/i.exec(file)?.[1]?.toLowerCase().replace('yml', 'yaml');
  if (extension !== undefined) return extension as Format;
  return /^\uFEFF?\s*\{/.test(text) ? 'json' : 'toml';
}

const parsers: Readonly<Record<Format, (text: string) => TomlDocument>> = {
  toml: parseToml,
  json: parseJson,
  yaml: parseYaml,
};

/** The document, or the error that keeps it from being one. */
export function readDocument(text: string, format: Format = 'toml'): TomlDocument | Problem {
  try {
    return parsers[format](text);
  } catch (error) {
    if (error instanceof TomlSyntaxError) return problem('brokenToml', '', error.message, error.position);
    if (error instanceof JsonSyntaxError || error instanceof YamlSyntaxError)
      return problem('brokenYaml', '', error.message, error.position);
    throw error;
  }
}

/** A file that has been read. */
export interface NamedText {
  /** As messages name it. Its ending tells the format. */
  readonly file: string;
  readonly text: string;
}

/** A file with its overlays, or what is wrong with them. */
export function readMerged(
  text: string,
  { format, overlays = [] }: { format?: Format | undefined; overlays?: readonly NamedText[] | undefined },
): (TomlDocument & Partial<Overlaid>) | Problem[] {
  const base = readDocument(text, format);
  const read = overlays.map(({ file, text }) => ({ file, document: readDocument(text, formatOf(file, text)) }));
  const isRead = (overlay: (typeof read)[number]): overlay is Overlay => !('severity' in overlay.document);
  if (!('severity' in base) && read.every(isRead)) return read.length > 0 ? overlay(base, read) : base;
  const broken = read.flatMap(({ file, document }) => ('severity' in document ? [{ ...document, file }] : []));
  return 'severity' in base ? [base, ...broken] : broken;
}
