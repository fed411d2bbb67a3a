import { expect, it } from 'vitest';
import { Drains } from '../../src/gate/drains.ts';
import { ManualClock } from '../kube/time.ts';

it('a drain lasts as long as it is asked for, and is told when it begins and ends', async () => {
  const clock = new ManualClock();
  const told: string[] = [];
  const drains = new Drains({
    clock,
    onChange: (namespace, machine) => told.push(`${machine} ${drains.has(namespace, machine)}`),
  });
  drains.set('acme', 'web-1', 30);
  await clock.advance(20_000);
  drains.set('acme', 'web-1', 30);
  await clock.advance(29_999);
  expect([drains.has('acme', 'web-1'), drains.has('other', 'web-1'), told]).toEqual([true, false, ['web-1 true']]);
  await clock.advance(1);
  expect([drains.has('acme', 'web-1'), told]).toEqual([false, ['web-1 true', 'web-1 false']]);
  drains.set('acme', 'web-1', 0);
  expect(told).toHaveLength(2);
  drains.set('acme', 'web-1', 30);
  drains.set('acme', 'web-1', 0);
  expect(told).toEqual(['web-1 true', 'web-1 false', 'web-1 true', 'web-1 false']);
});
