import { describe, expect, it } from 'vitest';
import { Checks } from '../../src/controller/checks.ts';
import type { CheckedMachine, MachineCheck } from '../../src/desired/checks.ts';
import type { Target } from '../../src/probe/attempt.ts';
import type { Outcome } from '../../src/probe/outcome.ts';
import { ManualClock } from '../kube/time.ts';
import { seeded } from '../random.ts';

const passes: Outcome = { passing: true, output: '200 OK' };
const fails: Outcome = { passing: false, output: '404 Not Found' };
const key = 'acme/hello';

/** A scheduler whose probes say what the test wants, at once or when it wants. */
function setup({ limit = 64, random = () => 0.5 }: { limit?: number; random?: () => number } = {}) {
  const clock = new ManualClock();
  const asked: { address: string; at: number }[] = [];
  const changes: string[] = [];
  const world = {
    answer: (_: Target, signal: AbortSignal): Outcome | Promise<Outcome> => (signal.aborted ? fails : passes),
    running: 0,
    most: 0,
  };
  const checks = new Checks({
    clock,
    random,
    limit,
    onChange: (changed) => changes.push(changed),
    probe: async (target, _, signal) => {
      asked.push({ address: target.address, at: clock.monotonic() });
      world.most = Math.max(world.most, ++world.running);
      const outcome = await world.answer(target, signal);
      world.running -= 1;
      return outcome;
    },
  });
  return { clock, asked, changes, world, checks };
}

const machine = (name: string, startedAt = 0): CheckedMachine => ({ name, address: `10.0.0.${name}`, startedAt });
const check = (machines: CheckedMachine[], more: Partial<MachineCheck> = {}): MachineCheck => ({
  name: 'up',
  type: 'tcp',
  port: 8080,
  intervalMs: 4_000,
  timeoutMs: 10_000,
  graceMs: 0,
  machines,
  ...more,
});
/** An answer that takes its time, or never comes. */
const after = (clock: ManualClock, ms: number, outcome = passes) =>
  new Promise<Outcome>((resolve) => clock.after(ms, () => resolve(outcome)));

describe('the checks of an App', () => {
  it('ask each machine once in each interval', async () => {
    const { clock, asked, checks } = setup();
    checks.keep(key, [check([machine('1'), machine('2')])]);
    await clock.advance(12_000);
    for (const address of ['10.0.0.1', '10.0.0.2']) {
      const times = asked.filter((one) => one.address === address).map(({ at }) => at);
      expect(times).toEqual([2_000, 6_000, 10_000]);
    }
  });

  it('tell how many machines pass, and what the first that fails has answered', async () => {
    const { clock, checks, world } = setup();
    world.answer = ({ address }) => (address === '10.0.0.1' ? passes : { ...fails, output: `from ${address}` });
    checks.keep(key, [check([machine('3'), machine('2'), machine('1')])]);
    await clock.advance(4_000);
    expect(checks.results(key)).toEqual([{ name: 'up', passing: 1, total: 3, output: 'from 10.0.0.2' }]);
  });

  it('say nothing before every machine has been asked once', async () => {
    const { clock, checks, world } = setup();
    world.answer = ({ address }) => (address === '10.0.0.1' ? passes : after(clock, 10_000));
    checks.keep(key, [check([machine('1'), machine('2')])]);
    await clock.advance(11_000);
    expect(checks.results(key)).toEqual([]);
    await clock.advance(2_000);
    expect(checks.results(key)).toEqual([{ name: 'up', passing: 2, total: 2 }]);
  });

  it('wake the App when something changes, and never when nothing does', async () => {
    const { clock, changes, checks, world } = setup();
    checks.keep(key, [check([machine('1'), machine('2')])]);
    await clock.advance(60_000);
    expect(changes).toEqual([key]);
    checks.results(key);
    world.answer = () => fails;
    await clock.advance(60_000);
    expect(changes).toEqual([key, key]);
    world.answer = () => ({ ...fails, output: '500 Internal Server Error' });
    await clock.advance(60_000);
    expect(changes).toEqual([key, key, key]);
  });

  it('do not wake the App for what is over within a second', async () => {
    const { clock, asked, changes, checks, world } = setup();
    checks.keep(key, [check([machine('1')], { intervalMs: 2_000 })]);
    await clock.advance(5_500);
    checks.results(key);
    changes.length = 0;
    asked.length = 0;
    // Asked at 7 s it fails at 8.9 s, and asked again at 9 s it passes.
    world.answer = () => (asked.length === 1 ? after(clock, 1_900, fails) : passes);
    await clock.advance(10_000);
    expect(asked.map(({ at }) => at).slice(0, 2)).toEqual([7_000, 9_000]);
    expect(changes).toEqual([]);
  });

  it('do not count failures within the grace period', async () => {
    const { clock, checks, world } = setup();
    world.answer = ({ address }) => (address === '10.0.0.1' ? passes : fails);
    const young = clock.now();
    checks.keep(key, [check([machine('1', young), machine('2', young)], { graceMs: 20_000 })]);
    await clock.advance(19_000);
    expect(checks.results(key)).toEqual([{ name: 'up', passing: 1, total: 1 }]);
    await clock.advance(4_000);
    expect(checks.results(key)).toEqual([{ name: 'up', passing: 1, total: 2, output: fails.output }]);
  });

  it('begin the grace period anew when the program of a machine has been started again', async () => {
    const { clock, checks, world } = setup();
    world.answer = () => fails;
    checks.keep(key, [check([machine('1')], { graceMs: 20_000 })]);
    await clock.advance(4_000);
    expect(checks.results(key)).toMatchObject([{ total: 1 }]);
    checks.keep(key, [check([machine('1', clock.now())], { graceMs: 20_000 })]);
    await clock.advance(4_000);
    expect(checks.results(key)).toEqual([{ name: 'up', passing: 0, total: 0 }]);
  });

  it('forget machines that are gone, and the App when it is', async () => {
    const { clock, asked, checks } = setup();
    checks.keep(key, [check([machine('1'), machine('2')])]);
    await clock.advance(4_000);
    checks.keep(key, [check([machine('2')])]);
    expect(checks.results(key)).toEqual([{ name: 'up', passing: 1, total: 1 }]);
    asked.length = 0;
    await clock.advance(20_000);
    expect(new Set(asked.map(({ address }) => address))).toEqual(new Set(['10.0.0.2']));
    checks.keep(key, []);
    asked.length = 0;
    await clock.advance(20_000);
    expect(asked).toEqual([]);
    expect(checks.results(key)).toEqual([]);
  });

  it('are asked anew when they are edited, while the others go on', async () => {
    const { clock, checks, world } = setup();
    world.answer = () => fails;
    const other = check([machine('1')], { name: 'other' });
    checks.keep(key, [check([machine('1')]), other]);
    await clock.advance(4_000);
    checks.keep(key, [check([machine('1')], { path: '/else' }), other]);
    expect(checks.results(key)).toMatchObject([{ name: 'other' }]);
    world.answer = () => passes;
    await clock.advance(4_000);
    expect(checks.results(key)).toMatchObject([
      { name: 'up', passing: 1 },
      { name: 'other', passing: 1 },
    ]);
  });

  it('ask nobody and tell nobody once they are stopped', async () => {
    const { clock, asked, changes, checks } = setup();
    checks.keep(key, [check([machine('1')])]);
    await clock.advance(2_500);
    checks.stop();
    checks.keep('acme/other', [check([machine('2')])]);
    asked.length = 0;
    await clock.advance(60_000);
    expect(asked).toEqual([]);
    expect(changes).toEqual([]);
  });
});

describe('the checks of many Apps', () => {
  const apps = (count: number, more?: Partial<MachineCheck>) =>
    Array.from({ length: count }, (_, index) => [`acme/app-${index}`, check([machine(`${index}`)], more)] as const);

  it('do not fire together', async () => {
    const { clock, asked, checks } = setup({ random: seeded(1) });
    for (const [app, wanted] of apps(300, { intervalMs: 10_000 })) checks.keep(app, [wanted]);
    await clock.advance(20_000);
    const perSecond = Map.groupBy(asked, ({ at }) => Math.floor(at / 1000));
    for (const list of perSecond.values()) expect(list.length).toBeLessThan(50);
    expect(asked).toHaveLength(600);
  });

  it('never ask more machines at once than they may', async () => {
    const { clock, asked, checks, world } = setup({ limit: 8 });
    world.answer = () => after(clock, 100);
    for (const [app, wanted] of apps(40)) checks.keep(app, [wanted]);
    await clock.advance(4_000);
    expect(asked).toHaveLength(40);
    expect(world.most).toBe(8);
  });

  it('are not delayed by machines that never answer, however many there are', async () => {
    const { clock, asked, checks, world } = setup({ limit: 8 });
    world.answer = ({ address }) => (address === '10.0.0.quick' ? passes : after(clock, 10_000, fails));
    for (const [app, wanted] of apps(8)) checks.keep(app, [wanted]);
    await clock.advance(15_000);
    for (const [app, wanted] of apps(40).slice(8, 12)) checks.keep(app, [wanted]);
    checks.keep('acme/quick', [check([machine('quick')])]);
    await clock.advance(30_000);
    asked.length = 0;
    await clock.advance(20_000);
    expect(asked.filter(({ address }) => address === '10.0.0.quick')).toHaveLength(5);
  });
});
