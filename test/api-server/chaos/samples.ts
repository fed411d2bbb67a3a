import { readdir, readlink } from 'node:fs/promises';
import type { OperatorProcess } from '../../e2e/operator.ts';

export const figures = ['heapMb', 'residentMb', 'descriptors', 'sockets'] as const;
type Figure = (typeof figures)[number];

/** What a process has at a moment. */
export type Sample = Readonly<Record<Figure | 'minute', number>>;

export async function sampleOf({ pid, url }: OperatorProcess, minute: number): Promise<Sample> {
  const text = await fetch(`${url}/metrics`).then((answer) => answer.text());
  const megabytes = (name: string) => Math.round(Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]) / 1e6);
  const folder = `/proc/${pid}/fd`;
  const descriptors = await readdir(folder);
  const links = await Promise.all(descriptors.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  return {
    minute,
    heapMb: megabytes('nodejs_heap_size_used_bytes'),
    residentMb: megabytes('process_resident_memory_bytes'),
    descriptors: descriptors.length,
    sockets: links.filter((link) => link.startsWith('socket:')).length,
  };
}

/** The least of each figure in a part of the time, from 0 to 1. */
export function leastIn(samples: readonly Sample[], from: number, to: number): Record<Figure, number> {
  const part = samples.slice(Math.floor(from * samples.length), Math.ceil(to * samples.length));
  const least = figures.map((figure) => [figure, Math.min(...part.map((sample) => sample[figure]))]);
  return Object.fromEntries(least) as Record<Figure, number>;
}

/** By how much a figure grows in a minute: the line that fits best. */
export function slopeOf(samples: readonly Sample[], figure: Figure): number {
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, one) => sum + of(one), 0) / samples.length;
  const [minute, level] = [mean((one) => one.minute), mean((one) => one[figure])];
  const covariance = mean((one) => (one.minute - minute) * (one[figure] - level));
  return covariance / mean((one) => (one.minute - minute) ** 2);
}
