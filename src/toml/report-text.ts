import { styleText } from 'node:util';
import type { Problem } from './report.ts';

const colours = { error: 'red', warning: 'yellow', note: 'cyan' } as const;

/** `fly.toml:12:3 warning AF012: …`, so that people, editors and CI find the place. */
export function problemLine(file: string, problem: Problem, inColour = false): string {
  const { line, column, severity, code, message } = problem;
  const kind = `${severity} ${code}:`;
  const shown = inColour ? styleText(['bold', colours[severity]], kind, { validateStream: false }) : kind;
  return `${onOneLine(problem.file ?? file)}:${line}:${column} ${shown} ${onOneLine(message)}`;
}

/** Names of files, keys and values may have any character in them; none may end the line or change what a terminal shows. */
function onOneLine(message: string): string {
  return message.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** The same for programs, as `--report json` prints it. */
export function problemsJson(file: string, problems: readonly Problem[]): string {
  const list = problems.map(({ file: overlay, line, column, severity, code, path, message }) => {
    return { file: overlay ?? file, line, column, severity, code, key: path, message };
  });
  return JSON.stringify(list, null, 2);
}
