import { parseEnv } from 'node:util';
import { nameProblem } from './variable-name.ts';

/**
 * The variables of a file of lines `NAME=value`, as Node.js reads it; of those that are named, where any are. Throws an
 * Error with one line that has nothing of a value in it.
 */
export function envFileValues(text: string, names: readonly string[]): Map<string, string> {
  const problem = firstProblem(text);
  if (problem) throw new Error(problem);
  const all = new Map(Object.entries(parseEnv(text)).map(([name, value]) => [name, value ?? '']));
  const missing = names.find((name) => !all.has(name));
  if (missing !== undefined) throw new Error(`it has no variable ${missing}`);
  const wanted = names.length > 0 ? new Map(names.map((name) => [name, all.get(name) ?? ''])) : all;
  if (wanted.size === 0) throw new Error('it has no variables: write lines of NAME=value');
  for (const name of wanted.keys()) {
    const problem = nameProblem(name);
    if (problem) throw new Error(problem);
  }
  return wanted;
}

/** What is in quotes, and may go over several lines. */
const quoted = /^([ \t]*(?:export[ \t]+)?[^\s=#]+[ \t]*=[ \t]*)(["'`])[\s\S]*?\2/gm;

/** Of what Node.js would leave out without a word: a secret that lacks its end is found late. */
const problems: readonly [RegExp, string][] = [
  [/^(?!\s*(export\s+)?[-.\w]+\s*=)/, 'it is not NAME=value; a value of several lines goes in quotes'],
  [/=\s*["'`]/, 'its quote has no end'],
  [/=.*\S#/, 'what follows # is a comment; a value with # in it goes in quotes'],
];

function firstProblem(text: string): string | undefined {
  const unquoted = text.replace(quoted, (match, start) => start + '\n'.repeat(match.split('\n').length - 1));
  for (const [index, line] of unquoted.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const problem = problems.find(([sign]) => sign.test(line));
    if (problem) return `line ${index + 1}: ${problem[1]}`;
  }
  return undefined;
}
