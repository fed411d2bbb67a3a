import { basename } from 'node:path';

/** kubectl runs `kubectl-airfield` of the PATH for `kubectl airfield`: https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/ */
const pluginName = 'kubectl-airfield';

/** How this program is called by whoever has started it as `path`. */
export function programName(path = process.argv[1] ?? ''): 'airfield' | 'kubectl airfield' {
  return basename(path).replace(/\.(js|exe|cmd)$/, '') === pluginName ? 'kubectl airfield' : 'airfield';
}

/** Where a command begins: a line, a quotation, an example, what comes after `|` or `:`. */
const command = /(?<=^|[`(]|\| |: | {2})airfield (?=[a-z_[])/gm;

/** A text in which commands of Airfield are named as its reader has called this one. */
export function asCalled(text: string, name = programName()): string {
  return name === 'airfield' ? text : text.replace(command, `${name} `);
}
