import { parseDotenv } from '../toml/dotenv.ts';
import { nameProblem } from './variable-name.ts';

/**
 * The variables of a file of lines `NAME=value`, as Node.js reads it; of those that are named, where any are. Throws an
 * Error with one line that has nothing of a value in it.
 */
export function envFileValues(text: string, names: readonly string[]): Map<string, string> {
  const { variables, broken } = parseDotenv(text);
  const [problem] = broken;
  if (problem) throw new Error(`line ${problem.line} ${problem.message}`);
  const all = new Map(variables.map(({ name, value }) => [name, value]));
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
