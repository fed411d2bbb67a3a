import { InvalidArgumentError } from 'commander';
import { duration } from '../api/scalars.ts';

/** A duration on the command line. */
export function durationFlag(text: string): string {
  if (!duration().safeParse(text).success) throw new InvalidArgumentError('Write a duration such as `20m` or `90s`.');
  return text;
}
