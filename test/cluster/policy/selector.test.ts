import { describe, expect, it } from 'vitest';
import { matches } from './selector.ts';
import type { LabelSelector } from './types.ts';

const expression = (key: string, operator: string, ...values: string[]): LabelSelector => ({
  matchExpressions: [{ key, operator, values }],
});

describe('a label selector', () => {
  it.each<[string, LabelSelector | undefined, Record<string, string>, boolean]>([
    ['absent matches everything', undefined, {}, true],
    ['empty matches everything', {}, { a: 'b' }, true],
    ['matches equal labels', { matchLabels: { app: 'web' } }, { app: 'web', x: 'y' }, true],
    ['refuses another value', { matchLabels: { app: 'web' } }, { app: 'db' }, false],
    ['wants every label', { matchLabels: { app: 'web', tier: 'front' } }, { app: 'web' }, false],
    ['In matches a listed value', expression('app', 'In', 'web', 'db'), { app: 'db' }, true],
    ['In refuses an absent label', expression('app', 'In', 'web'), {}, false],
    ['NotIn matches an absent label', expression('app', 'NotIn', 'web'), {}, true],
    ['NotIn refuses a listed value', expression('app', 'NotIn', 'web'), { app: 'web' }, false],
    ['Exists matches any value', expression('app', 'Exists'), { app: '' }, true],
    ['DoesNotExist refuses any value', expression('app', 'DoesNotExist'), { app: '' }, false],
    ['refuses what it does not know', expression('app', 'Like', 'w'), { app: 'web' }, false],
  ])('%s', (_, selector, labels, expected) => {
    expect(matches(selector, labels)).toBe(expected);
  });
});
