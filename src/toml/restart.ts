import type { z } from 'zod';
import type { restartSchema } from '../api/process.ts';
import { appliesTo, type Groups } from './processes.ts';
import { given, type Section } from './section.ts';

export type RestartInput = z.input<typeof restartSchema>;

/** `[[restart]]`: when machines of each group are started again. Of several for one group the last one counts. */
export function restarts(root: Section, groups: Groups): ReadonlyMap<string, RestartInput> {
  const found = new Map<string, RestartInput>();
  for (const section of root.sections('restart')) {
    const policies = {
      always: 'always',
      never: 'no',
      no: 'no',
      'on-failure': 'onFailure',
      'on-fail': 'onFailure',
    } as const;
    const restart = section.made(
      given({
        policy: section.choice('policy', policies),
        retries: section.integer('retries', { min: 0, max: 1000 }),
      }),
    );
    for (const group of appliesTo(section, groups)) found.set(group, restart);
  }
  return found;
}
