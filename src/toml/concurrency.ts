import type { z } from 'zod';
import type { concurrencySchema } from '../api/service.ts';
import { given, type Section } from './section.ts';

type ConcurrencyInput = z.input<typeof concurrencySchema>;

/** `concurrency` of a service: a table, or the older string "soft,hard", which counts requests. */
export function concurrency(service: Section): ConcurrencyInput | undefined {
  const value = service.value('concurrency');
  if (value === undefined) return undefined;
  if (typeof value === 'string') return fromText(service, value);
  const section = service.section('concurrency');
  if (!section || section.keys().length === 0) return undefined;
  return inOrder(section, 'soft_limit', {
    ...given({ type: section.choice('type', { connections: 'connections', requests: 'requests' }) }),
    ...limits(limit(section, 'soft_limit'), limit(section, 'hard_limit')),
  });
}

function fromText(service: Section, text: string): ConcurrencyInput | undefined {
  const [, soft, hard] = /^(\d{1,7}),(\d{1,7})$/.exec(text) ?? [];
  if (soft === undefined || hard === undefined) {
    return service.wrong(
      'concurrency',
      `must be a table, or a string like "20,25" (soft and hard limit), not "${text}"`,
    );
  }
  return inOrder(service, 'concurrency', { type: 'requests', ...limits(Number(soft), Number(hard)) });
}

function limit(section: Section, key: string): number | undefined {
  return section.integer(key, { min: 0, max: 1_000_000 });
}

/** To Fly a limit of 0 is none. */
function limits(softLimit: number | undefined, hardLimit: number | undefined): ConcurrencyInput {
  return given({ softLimit: softLimit || undefined, hardLimit: hardLimit || undefined });
}

function inOrder(section: Section, key: string, input: ConcurrencyInput): ConcurrencyInput | undefined {
  const { softLimit: soft = 0, hardLimit: hard = soft } = input;
  if (soft > hard) return section.wrong(key, `must not be above the hard limit: ${soft} is more than ${hard}`);
  return section.made(input);
}
