import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { readSource, shownName } from './conversion.ts';
import { envFileValues } from './env-file.ts';
import { nameProblem } from './variable-name.ts';

export interface ValueFlags {
  readonly fromEnvFile?: string;
  readonly raw?: boolean;
}

/** What is to be sealed, by the name of the variable. Throws an Error with one line that has no value in it. */
export async function valuesToSeal(names: readonly string[], flags: ValueFlags): Promise<Map<string, string>> {
  const file = flags.fromEnvFile;
  const values = file === undefined ? await oneValue(names, flags.raw) : await valuesOfFile(file, names);
  // The kernel ends a variable there: https://man7.org/linux/man-pages/man7/environ.7.html
  const cut = [...values].find(([, value]) => value.includes('\0'));
  if (cut) throw new Error(`the value of ${cut[0]} has a zero byte in it, which no variable can have: encode it`);
  return values;
}

async function valuesOfFile(file: string, names: readonly string[]): Promise<Map<string, string>> {
  const source = await readSource(file);
  const named = shownName(file);
  if (typeof source !== 'string') throw new Error(`${named}: ${source.problem}`);
  try {
    return envFileValues(source.replace(/^\uFEFF/, ''), names);
  } catch (error) {
    throw new Error(`${named}: ${(error as Error).message}`);
  }
}

async function oneValue(names: readonly string[], isRaw = false): Promise<Map<string, string>> {
  const [name = '', ...more] = names;
  if (name.includes('=')) {
    throw new Error(
      'a value in a command is seen by others and kept by the shell: give the KEY, and pipe the value in',
    );
  }
  if (!name || more.length > 0)
    throw new Error('name one KEY, whose value is on standard input, or give --from-env-file');
  const problem = nameProblem(name);
  if (problem) throw new Error(problem);
  const value = process.stdin.isTTY ? await asked(name) : await piped(isRaw);
  if (value === '' && !isRaw)
    throw new Error('standard input is empty: pipe the value in, or give --raw if it is meant');
  return new Map([[name, value]]);
}

async function piped(isRaw: boolean): Promise<string> {
  const source = await readSource('-');
  if (typeof source !== 'string') throw new Error(`stdin: ${source.problem}`);
  return isRaw ? source : withoutEndOfLine(source);
}

/** `echo` ends a value with a newline that nobody means; in a file of several lines, such as a key, it is meant. */
export function withoutEndOfLine(text: string): string {
  return /^[^\n]*\r?\n$/.test(text) ? text.replace(/\r?\n$/, '') : text;
}

/** From the terminal, which does not show it. */
async function asked(name: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const { promise: ended, reject } = Promise.withResolvers<never>();
  terminal.on('close', () => reject(new Error('nothing was sealed')));
  process.stderr.write(`Value of ${name} (one line, not shown): `);
  try {
    return await Promise.race([terminal.question(''), ended]);
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
