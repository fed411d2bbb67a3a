import type { Paint } from './terminal.ts';

/** What one look has found. */
export interface Finding {
  readonly result: 'ok' | 'warn' | 'fail';
  /** What was looked at, in a word or two. */
  readonly check: string;
  readonly message: string;
  /** What to do about it: a command, or a sentence. */
  readonly next?: string;
}

const colours = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

export function doctorText(findings: readonly Finding[], paint: Paint): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ result, check, message, next }) => [
    `${paint(colours[result], result.padEnd(4))}  ${check.padEnd(width)}  ${message}`,
    ...(next && result !== 'ok' ? [`${' '.repeat(width + 8)}next: ${next}`] : []),
  ]);
  return `${lines.join('\n')}\n\n${summary(findings)}\n`;
}

function summary(findings: readonly Finding[]): string {
  const count = (wanted: Finding['result']) => findings.filter(({ result }) => result === wanted).length;
  const [fail, warn] = [count('fail'), count('warn')];
  if (fail > 0) return `${fail} of ${findings.length} checks failed: begin with the first one.`;
  return warn > 0 ? `It works; ${warn} of ${findings.length} checks have something to tell.` : 'All is well.';
}
