import type { z } from 'zod';
import type { restartSchema } from '../api/process.ts';
import { appliesTo, type Groups } from './processes.ts';
import { given, type Section } from './section.ts';

export type RestartInput = z.input<typeof restartSchema>;

const policies = {
  always: 'always',
  never: 'no',
  no: 'no',
  'on-failure': 'onFailure',
  'on-fail': 'onFailure',
} as const;

/** `[[restart]]`: when machines of each group are started again. Of several for one group the last one counts. */
export function restarts(root: Section, groups: Groups): ReadonlyMap<string, RestartInput> {
  const found = new Map<string, RestartInput>();
  const sections = root.sections('restart').map((section) => ({ section, restart: restartOf(section) }));
  for (const { section, restart } of sections) {
    for (const group of appliesTo(section, groups)) found.set(group, restart);
  }
  for (const { section, restart } of sections) {
    if (![...found.values()].includes(restart))
      section.warnAll('unusedTable', 'is used by no group, because a later one goes before it');
  }
  return found;
}

function restartOf(section: Section): RestartInput {
  return section.made(
    given({
      policy: section.choice('policy', policies),
      retries: section.integer('retries', { min: 0, max: 1000 }),
    }),
  );
}
