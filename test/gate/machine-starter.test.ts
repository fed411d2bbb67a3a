import { beforeEach, describe, expect, it } from 'vitest';
import { routeSchema } from '../../src/api/route.ts';
import { MachineStarter, pauseAfter, type Wanted } from '../../src/gate/machine-starter.ts';
import type { Outcome } from '../../src/gate/scale-up.ts';
import { ManualClock } from '../kube/time.ts';

const fields = { namespace: 'acme', app: 'web', listenPort: 20_000, port: 80, internalPort: 8080, mode: 'http' };
const route = routeSchema.parse(fields);

let clock: ManualClock;
let answers: (Outcome | Error)[];
let attempts: number;
let outcomes: string[];
let wanted: Wanted | undefined;
let starter: MachineStarter;

beforeEach(() => {
  clock = new ManualClock();
  answers = [];
  attempts = 0;
  outcomes = [];
  wanted = { route, mayStay: false };
  starter = new MachineStarter({
    clock,
    wanted: () => wanted,
    scaleUp: async () => {
      attempts++;
      const answer = answers.shift() ?? 'coming';
      if (answer instanceof Error) throw answer;
      return answer;
    },
    onOutcome: (_, outcome) => outcomes.push(outcome instanceof Error ? outcome.message : outcome),
  });
});

describe('a machine that is needed', () => {
  it('is asked for at once, and once, however often it is needed', async () => {
    answers = ['started'];
    starter.ask('r');
    starter.ask('r');
    await clock.advance(0);
    expect(outcomes[0]).toBe('started');
    expect(outcomes.slice(1).every((outcome) => outcome === 'coming')).toBe(true);
  });

  it('is asked for again, in ever longer pauses, until that has worked', async () => {
    answers = [new Error('away'), new Error('away'), 'later', 'started'];
    starter.ask('r');
    await clock.advance(0);
    expect(attempts).toBe(1);
    await clock.advance(49);
    expect(attempts).toBe(1);
    await clock.advance(1);
    expect(attempts).toBe(2);
    await clock.advance(100);
    await clock.advance(200);
    expect(outcomes).toEqual(['away', 'away', 'later', 'started']);
  });

  it('is not asked for any more when there is one, or nobody waits', async () => {
    answers = [new Error('away')];
    starter.ask('r');
    await clock.advance(0);
    wanted = undefined;
    await clock.advance(60_000);
    expect(attempts).toBe(1);
    wanted = { route, mayStay: false };
    starter.ask('r');
    await clock.advance(0);
    expect(attempts).toBe(2);
  });

  it('is looked for again where it has been asked for and has not come', async () => {
    answers = ['started', 'started'];
    starter.ask('r');
    await clock.advance(4_999);
    expect(attempts).toBe(1);
    await clock.advance(1);
    expect(outcomes).toEqual(['started', 'started']);
    starter.ask('r');
    await clock.advance(0);
    expect(attempts).toBe(3);
  });

  it('of another route is asked for beside it, and none when the gate stops', async () => {
    starter.ask('r');
    starter.ask('s');
    await clock.advance(0);
    expect(attempts).toBe(2);
    starter.stop();
    starter.ask('t');
    await clock.advance(60_000);
    expect(attempts).toBe(2);
  });
});

it('the pauses are short', () => {
  expect([1, 2, 5, 6, 7, 100].map(pauseAfter)).toEqual([50, 100, 800, 1600, 2000, 2000]);
});
