import type { LogLine } from '../kube/pod-log.ts';
import type { LogSource } from './log-source.ts';
import type { Paint } from './terminal.ts';

const colours = ['cyan', 'green', 'yellow', 'magenta', 'blue', 'red'] as const;

/** `[iad/hello-app-x2x] listening`, with a colour for each machine. */
export function logText({ text, time }: LogLine, source: LogSource, paint: Paint, withTime: boolean): string {
  const { region, machine, container, isMain } = source;
  const name = [region, machine, isMain ? '' : container].filter(Boolean).join('/');
  const colour = colours[sumOf(machine) % colours.length] ?? 'cyan';
  return `${paint(colour, `[${name}]`)} ${withTime ? `${time} ` : ''}${text}\n`;
}

/** The same for programs; fields are only ever added. */
export function logJson({ text, time }: LogLine, app: string, source: LogSource): string {
  const { machine, process, region, container } = source;
  return `${JSON.stringify({ time, app, machine, process, region, container, message: text })}\n`;
}

const sumOf = (text: string) => [...text].reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0);
