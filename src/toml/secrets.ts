import { reservedEnv, variableName } from '../api/app-rules.ts';
import type { CodeName } from './codes.ts';
import type { EnvFile } from './dotenv.ts';
import type { Position } from './locate.ts';
import type { AppManifest, Manifest } from './manifest.ts';
import { type Problem, problem } from './report.ts';

/** What a file of secrets becomes. */
export interface Secrets {
  /** The value of each variable, in the order of the file. */
  readonly values: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

/** The variables of a .env file that go into the Secret of an App. Of two of one name the last one counts. */
export function secretsOf(
  file: string,
  { variables, broken }: EnvFile,
  app: AppManifest,
  machines: readonly Manifest[],
): Secrets {
  const inFiles = secretFilesOf(app.metadata.name, [app, ...machines]);
  const values = new Map<string, string>();
  const problems: Problem[] = [];
  const say = ({ line, column }: Position, [code, message]: Remark, name = '') =>
    problems.push({ ...problem(code, name, `${name || 'the line'} ${message}`, { line, column }), file });
  for (const { message, ...place } of broken) say(place, ['brokenEnv', message]);
  if (variables.length + broken.length === 0)
    say({ line: 1, column: 1 }, ['brokenEnv', 'has no variable: write NAME=value, one a line']);
  for (const variable of variables) {
    const { name } = variable;
    // What looks like a name may be a piece of a secret that lost its quotes, so it is not repeated.
    if (!variableName.test(name)) say(variable, ['brokenEnv', `begins with no name of a variable: ${nameRule}`]);
    else if (isReserved(name)) say(variable, leftOut, name);
    else {
      const { value, remark } = inFiles.has(name) ? fileOf(variable.value) : { value: variable.value };
      const remarks = [remark, wrongWith(value), values.has(name) ? twice : undefined, inEnv(name, app)];
      for (const found of remarks) if (found) say(variable, found, name);
      values.set(name, value);
    }
  }
  return { values, problems: problems.sort((a, b) => a.line - b.line) };
}

type Remark = readonly [CodeName, string];

const leftOut: Remark = ['reservedVariable', 'is left out: Airfield sets it in every machine, as Fly does'];
const twice: Remark = ['overridden', 'is there twice: this one counts, as it is the last one'];
const nameRule = 'use letters, digits, `_`, `-` and `.`, and no digit at the beginning';

function inEnv(name: string, { spec }: AppManifest): Remark | undefined {
  if (!Object.hasOwn(spec.env ?? {}, name)) return undefined;
  return ['alsoSecret', 'is in [env] too, before which the secret goes: remove it there'];
}

/** Names of the secrets that are put into files. */
function secretFilesOf(secret: string, manifests: readonly Manifest[]): ReadonlySet<string> {
  const files = manifests.flatMap(({ spec }) => ('files' in spec ? (spec.files ?? []) : []));
  const refs = files.flatMap(({ secretKeyRef }) => secretKeyRef ?? []);
  return new Set(refs.filter(({ name }) => name === secret).map(({ key }) => key));
}

const isReserved = (name: string) => reservedEnv.some((reserved) => reserved === name);

function wrongWith(value: string): Remark | undefined {
  if (value.includes('\0')) return ['wrongValue', 'has a character NUL, which no variable can have'];
  if (value.length > 65_536)
    return ['wrongValue', 'is longer than 65,536 characters, which is the most that a Secret takes'];
  return undefined;
}

/**
 * Fly takes the value of a secret that is put into a file for base64 of the file
 * (https://fly.io/docs/reference/configuration/#the-files-section); here the value is the file.
 */
function fileOf(value: string): { value: string; remark: Remark } {
  const packed = value.replace(/\s/g, '');
  const isBase64 = packed.length > 0 && packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed);
  if (!isBase64) return { value, remark: notBase64 };
  const text = textOf(Buffer.from(packed, 'base64'));
  return text === undefined ? { value, remark: notText } : { value: text, remark: decoded };
}

const decoded: Remark = ['approximated', 'is a file of [[files]], so its base64 is decoded, as Fly does it'];
const notBase64: Remark = [
  'secretFile',
  'is a file of [[files]] and not base64, as Fly wants it: the file is what is written here',
];
const notText: Remark = [
  'wrongValue',
  'is base64 of a file that is no text, and a Secret holds text: leave it out, put the file into another core Secret (`kubectl create secret generic`), and name that in files[].secretKeyRef with --patch',
];

/** Bytes as text; undefined where they are something else. */
export function textOf(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
