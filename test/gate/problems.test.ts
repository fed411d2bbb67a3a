import { expect, it } from 'vitest';
import { Problems } from '../../src/gate/problems.ts';

it('a problem is told when it begins, and again only when it has been gone', () => {
  const told: string[] = [];
  const problems = new Problems((problem) => told.push(problem));
  problems.set('routes', ['a', 'b']);
  problems.set('routes', ['b', 'c']);
  problems.set('haproxy', ['b']);
  expect([told, problems.size]).toEqual([['a', 'b', 'c', 'b'], 3]);
  problems.set('routes', []);
  problems.set('routes', ['b']);
  expect([told.length, problems.size]).toEqual([5, 2]);
});
