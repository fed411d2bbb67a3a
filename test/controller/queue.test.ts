import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Queue, type QueueObserver } from '../../src/controller/queue.ts';
import type { Clock } from '../../src/kube/clock.ts';
import { ManualClock } from '../kube/time.ts';

/** Takes without waiting: what is there now, or `nothing`. */
async function takeNow(queue: Queue): Promise<string | undefined> {
  return queue.depth > 0 ? await queue.take() : 'nothing';
}

describe('the work queue', () => {
  it('gives out keys in the order in which they came', async () => {
    const queue = new Queue();
    for (const key of ['a/1', 'a/2', 'a/3']) queue.add(key);
    expect([await queue.take(), await queue.take(), await queue.take()]).toEqual(['a/1', 'a/2', 'a/3']);
  });

  it('holds a key once, however often it was added', async () => {
    const queue = new Queue();
    for (let n = 0; n < 100; n++) queue.add('a/1');
    expect(queue.depth).toBe(1);
    expect(await queue.take()).toBe('a/1');
    expect(queue.depth).toBe(0);
  });

  it('gives a key that is added while it is worked on to nobody else, and gives it out again when that is done', async () => {
    const queue = new Queue();
    queue.add('a/1');
    await queue.take();
    queue.add('a/1');
    queue.add('a/1');
    expect(queue.depth).toBe(0);
    queue.done('a/1');
    expect(await takeNow(queue)).toBe('a/1');
    queue.done('a/1');
    expect(await takeNow(queue)).toBe('nothing');
  });

  it('hands keys to those who wait, first come, first served', async () => {
    const queue = new Queue();
    const first = queue.take();
    const second = queue.take();
    queue.add('a/1');
    queue.add('a/2');
    expect([await first, await second]).toEqual(['a/1', 'a/2']);
  });

  it('is not in a hurry about a key that has more time than a timer can be set to', () => {
    const waits: number[] = [];
    const after = (ms: number) => {
      waits.push(ms);
      return () => {};
    };
    const clock: Clock = { now: () => 0, monotonic: () => 0, after };
    new Queue({ clock }).addAfter('a/1', 8e15);
    expect(waits).toEqual([2 ** 31 - 1]);
  });

  it('never loses a key nor gives it to two at once, whatever the order of events', async () => {
    const action = fc.record({ what: fc.constantFrom('add', 'later', 'take', 'done', 'time'), key: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
        const clock = new ManualClock();
        const queue = new Queue({ clock });
        const owed = new Set<string>();
        const working = new Set<string>();
        for (const { what, key: n } of actions) {
          const key = `ns/${n}`;
          if (what === 'add') queue.add(key);
          if (what === 'later') queue.addAfter(key, 10 * n);
          if (what === 'add' || what === 'later') owed.add(key);
          if (what === 'time') await clock.advance(100);
          if (what === 'done' && working.delete(key)) queue.done(key);
          if (what === 'take' && queue.depth > 0) {
            const taken = (await queue.take())!;
            expect(working.has(taken)).toBe(false);
            working.add(taken);
            owed.delete(taken);
          }
        }
        await clock.advance(100);
        for (const key of working) queue.done(key);
        while (queue.depth > 0) {
          const taken = (await queue.take())!;
          owed.delete(taken);
          queue.done(taken);
        }
        expect([...owed]).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('delay', () => {
  it('adds a key when its time has come', async () => {
    const clock = new ManualClock();
    const queue = new Queue({ clock });
    queue.addAfter('a/1', 1000);
    await clock.advance(999);
    expect(await takeNow(queue)).toBe('nothing');
    await clock.advance(1);
    expect(await takeNow(queue)).toBe('a/1');
  });

  it.each([
    [1000, 300],
    [300, 1000],
  ])('of %d and %d ms for the same key the shorter one counts, once', async (one, other) => {
    const clock = new ManualClock();
    const queue = new Queue({ clock });
    queue.addAfter('a/1', one);
    queue.addAfter('a/1', other);
    await clock.advance(300);
    expect(await takeNow(queue)).toBe('a/1');
    queue.done('a/1');
    await clock.advance(2000);
    expect(await takeNow(queue)).toBe('nothing');
  });

  it('doubles from 5 ms up to 1000 s with each failure in a row', async () => {
    const clock = new ManualClock();
    const queue = new Queue({ clock });
    const waits: number[] = [];
    for (let failure = 0; failure < 20; failure++) {
      const before = clock.monotonic();
      queue.retry('a/1');
      const taken = queue.take();
      await clock.advance(failure < 17 ? 5 * 2 ** failure : 1_000_000);
      expect(await taken).toBe('a/1');
      queue.done('a/1');
      waits.push(clock.monotonic() - before);
    }
    expect(waits.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(waits.at(-1)).toBe(1_000_000);
  });

  it('begins anew after a success, and keeps the failures of keys apart', async () => {
    const clock = new ManualClock();
    const queue = new Queue({ clock });
    for (let n = 0; n < 10; n++) queue.retry('a/bad');
    queue.retry('a/good');
    queue.forget('a/bad');
    await clock.advance(5);
    expect(queue.depth).toBe(2);
    for (let n = 0; n < 2; n++) queue.done((await queue.take())!);
    queue.retry('a/bad');
    await clock.advance(5);
    expect(await takeNow(queue)).toBe('a/bad');
  });

  it('is never shorter than what the API server asks for', async () => {
    const clock = new ManualClock();
    const queue = new Queue({ clock });
    queue.retry('a/1', 7000);
    await clock.advance(6999);
    expect(await takeNow(queue)).toBe('nothing');
    await clock.advance(1);
    expect(await takeNow(queue)).toBe('a/1');
  });
});

describe('the end', () => {
  it('sends home who waits, gives out nothing more, and takes nothing more', async () => {
    const clock = new ManualClock();
    const queue = new Queue({ clock });
    queue.add('a/1');
    await queue.take();
    const waiting = queue.take();
    queue.addAfter('a/2', 10);
    queue.close();
    expect(await waiting).toBeUndefined();
    queue.add('a/3');
    queue.add('a/1');
    queue.done('a/1');
    await clock.advance(1000);
    expect(queue.depth).toBe(0);
    expect(await queue.take()).toBeUndefined();
  });
});

it('tells how long keys waited and were worked on, in seconds', async () => {
  const clock = new ManualClock();
  const told: unknown[] = [];
  const observer: QueueObserver = {
    added: (depth) => told.push(['added', depth]),
    retried: () => told.push(['retried']),
    taken: (depth, waited) => told.push(['taken', depth, waited]),
    done: (worked) => told.push(['done', worked]),
  };
  const queue = new Queue({ clock, observer });
  queue.add('a/1');
  await clock.advance(2000);
  await queue.take();
  await clock.advance(3000);
  expect(queue.unfinished).toEqual([3]);
  queue.done('a/1');
  expect(queue.unfinished).toEqual([]);
  queue.retry('a/1');
  expect(told).toEqual([['added', 1], ['taken', 0, 2], ['done', 3], ['retried']]);
});
