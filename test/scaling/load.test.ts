import { describe, expect, it } from 'vitest';
import { serviceSchema } from '../../src/api/service.ts';
import { limitsOf } from '../../src/scaling/limits.ts';
import { type GateWord, groupLoad } from '../../src/scaling/load.ts';
import { aLoad, aRoute, aWord } from './group-fixture.ts';

const limits = [
  { ports: [80, 443], softLimit: 20, type: 'requests' as const },
  { ports: [5432], softLimit: 3, type: 'connections' as const },
];
const everyPort = (...loads: Parameters<typeof aRoute>[0][]) =>
  [80, 443, 5432].map((port, index) => aRoute(loads[index] ?? [], { port }));

describe('the load of a machine', () => {
  it('is added up over gates, and over the ports of each service', () => {
    const words = [
      aWord(everyPort([aLoad('a', 2)], [aLoad('a', 3, { queued: 1 })])),
      aWord(everyPort([aLoad('a', 5), aLoad('b', 50)])),
    ];
    expect(groupLoad(limits, words).of('a')).toMatchObject({ perLimit: [11, 0], total: 11, isOverSoft: false });
  });

  it('is over the soft limit where one service is', () => {
    const load = groupLoad(limits, [aWord(everyPort([aLoad('a', 1)], [], [aLoad('a', 3)]))]);
    expect(load.of('a').isOverSoft).toBe(true);
  });

  it('does not count what other ports of the App have to do', () => {
    const other = aRoute([aLoad('a', 99)], { port: 8080, held: 9 });
    const load = groupLoad(limits, [aWord([...everyPort(), other])]);
    expect([load.of('a').total, load.waiting]).toEqual([0, 0]);
  });

  it('began last when any of its requests did', () => {
    const words = [
      aWord(everyPort([aLoad('a', 0, { lastBeganSeconds: 90 })], [aLoad('a', 0)])),
      aWord(everyPort([], [], [aLoad('a', 0, { lastBeganSeconds: 7 })])),
    ];
    expect(groupLoad(limits, words).of('a').lastBeganMs).toBe(7000);
    expect(groupLoad(limits, []).of('a').lastBeganMs).toBeUndefined();
  });

  it('has those who wait for any machine beside it', () => {
    const routes = everyPort().map((route) => ({ ...route, held: 1, queued: 2 }));
    expect(groupLoad(limits, [aWord(routes), aWord(everyPort())]).waiting).toBe(9);
  });
});

describe('the load is known', () => {
  const good = aWord(everyPort());
  const silent = aWord(undefined);
  it.each<[string, readonly GateWord[], boolean]>([
    ['where the only gate has answered', [good], true],
    ['where there is no gate', [], false],
    ['where a gate that is ready did not answer', [good, silent], false],
    ['where a gate that goes did not answer', [good, { ...silent, isReady: false }], false],
    ['where a gate that goes did', [good, { ...good, isReady: false }], true],
    ['where one that is not up yet did not answer', [good, { ...silent, isReady: false, isNeeded: false }], true],
    ['where only gates that go are left', [{ ...good, isReady: false }], false],
    ['where a gate has not got all routes yet', [good, aWord(everyPort().slice(1))], false],
  ])('%s: %#', (_, words, isKnown) => {
    expect(groupLoad(limits, words).isKnown).toBe(isKnown);
  });

  it('never where there are no ports', () => {
    expect(groupLoad([], [good]).isKnown).toBe(false);
  });
});

describe('the soft limit of a service', () => {
  const service = (concurrency?: object) =>
    limitsOf([serviceSchema.parse({ internalPort: 8080, ports: [{ port: 80 }], autoStop: 'stop', concurrency })]);
  it('is 20 as on Fly, and never above the hard one', () => {
    expect(service()).toEqual([{ ports: [80], softLimit: 20, type: 'connections' }]);
    expect(service({ softLimit: 7 })[0]?.softLimit).toBe(7);
    expect(service({ hardLimit: 5, type: 'requests' })[0]).toMatchObject({ softLimit: 5, type: 'requests' });
  });
});
