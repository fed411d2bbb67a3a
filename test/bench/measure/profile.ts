import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { profileFolder } from './options.ts';

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

/** Says what the operator has spent its time with, where it was asked to remember. */
export function printProfile(): void {
  const folder = profileFolder();
  for (const { name, share } of folder ? hottest(folder) : []) console.log(`  ${(share * 100).toFixed(1)} %  ${name}`);
}

/** The functions of the profiles in a folder (`node --cpu-prof`) that took the most time by themselves. */
function hottest(folder: string, count = 10): { readonly name: string; readonly share: number }[] {
  const times = new Map<string, number>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile')))
    addTimes(times, JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile);
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  const ranked = [...times].toSorted(([, a], [, b]) => b - a).slice(0, count);
  return ranked.map(([name, time]) => ({ name, share: time / total }));
}

function addTimes(times: Map<string, number>, { nodes, samples, timeDeltas }: Profile): void {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? '';
    if (name !== '(idle)') times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  }
}

function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  if (url === '') return functionName;
  return `${functionName || '(anonymous)'} ${url.replace(/^.*\//, '')}:${lineNumber + 1}`;
}
