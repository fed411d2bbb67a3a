import { styleText } from 'node:util';
import { pathText } from './path.ts';
import type { Problem } from './report.ts';
import type { AppSource, FieldSource } from './sources.ts';

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

/** `fly.toml:12:3 http_service.internal_port became spec.services[0].internalPort`, with the same kind of place. */
export function sourceLine(file: string, { path, fields, ...place }: FieldSource): string {
  const became =
    fields.length > 0
      ? `became ${fields.map(pathText).join(', ')}`
      : 'needs no field: the App means the same without one';
  return `${onOneLine(place.file ?? file)}:${place.line}:${place.column} ${onOneLine(`${path} ${became}`)}`;
}

/** The same for programs, as `--report json` prints it. */
export function reportJson(file: string, problems: readonly Problem[], sources: readonly AppSource[]): string {
  const report = {
    problems: problems.map(({ file: overlay, line, column, severity, code, path, message }) => {
      return { file: overlay ?? file, line, column, severity, code, key: path, message };
    }),
    sources: sources.map(({ file: overlay, line, column, app, path, fields }) => {
      return { file: overlay ?? file, line, column, key: path, app, fields: fields.map(pathText) };
    }),
  };
  return JSON.stringify(report, null, 2);
}
