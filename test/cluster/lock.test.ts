import { describe, expect, it } from 'vitest';
import { withLock } from './lock.ts';

describe.runIf(process.platform === 'linux')('a lock', () => {
  it('lets one in at a time, and tells who waits', async () => {
    const name = `test-${process.pid}`;
    const { promise: release, resolve } = Promise.withResolvers<void>();
    const { promise: waiting, resolve: waits } = Promise.withResolvers<void>();
    const order: string[] = [];
    const first = withLock(name, async () => {
      await release;
      order.push('first');
    });
    const second = withLock(name, async () => order.push('second'), waits);
    await waiting;
    resolve();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
  });

  it('is free again after a failure', async () => {
    const name = `test-failing-${process.pid}`;
    await expect(withLock(name, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(name, async () => 'in')).toBe('in');
  });
});
