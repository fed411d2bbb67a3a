import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Namespace, until } from './kubectl.ts';
import { OperatorProcess } from './operator.ts';
import { type Change, releaseCommand, type Strategy, strategies, VersionedApp } from './versioned.ts';
import { overlaps, repeated, Witness } from './witness.ts';

/**
 * Seconds that a release has which will not become healthy. Where that was not enough to begin it, as on a machine with much
 * else to do, nobody can know yet what is wrong with it, and the next one has more.
 */
const waitTimeouts = [12, 60];
/** Seconds after that within which its failure must have been told: 10 are promised, to an operator that gets its turn. */
const late = 45;

let operator: OperatorProcess;
let namespace: Namespace;
let witness: Witness;
const apps = new Map<Strategy, VersionedApp>();

beforeAll(async () => {
  namespace = await Namespace.create('releases');
  operator = await OperatorProcess.startIn(namespace);
  witness = await Witness.start(namespace);
  const begin = async (strategy: Strategy) =>
    apps.set(strategy, await VersionedApp.start(namespace, strategy, { strategy }, { rate: 100 }));
  await Promise.all(strategies.map(begin));
});
afterAll(async () => {
  await namespace.delete();
  await operator.stop();
});

/** The App of a strategy, and what it runs before the next edit. */
async function before(strategy: Strategy) {
  const app = apps.get(strategy)!;
  const serving = await app.settles();
  await app.traffic.take();
  return { app, serving, version: await app.release() };
}

describe('a good release loses no request', () => {
  it.concurrent.each(strategies)('by %s', async (strategy) => {
    const { app, serving, version } = await before(strategy);
    const edited = await app.edit({ env: { RELEASE_SLEEP: '500' }, deploy: { releaseCommand } });
    const { release } = await app.reaches(version + 1, 'complete');
    await app.settles(edited);
    const { failures, sent, ok, byVersion } = await app.traffic.take();
    expect(failures).toEqual([]);
    expect(ok).toBe(sent);
    expect(Object.keys(byVersion)).toEqual([serving, edited]);
    expect(release).toMatchObject({ serving: version + 1, finishedAt: expect.any(String) });
    expect(await witness.runs(strategy)).toMatchObject([{ version: edited, exit: 0 }]);
    expect((await app.traffic.take()).byVersion).not.toHaveProperty(serving);
  });
});

describe('rollbackTo brings back an earlier release without losing a request', () => {
  it.concurrent.each(strategies)('by %s', async (strategy) => {
    const { app, serving, version } = await before(strategy);
    await app.edit({ deploy: { rollbackTo: 1 } });
    await app.reaches(version + 1, 'complete');
    await app.settles('v1');
    const { failures, byVersion } = await app.traffic.take();
    expect(failures).toEqual([]);
    expect(Object.keys(byVersion)).toEqual([serving, 'v1']);
  });
});

const noImage = /(ErrImagePull|ImagePullBackOff|ErrImageNeverPull)[\s\S]*airfield\.local\/nothing:1/;

const failures: { what: string; change: Change; why: RegExp }[] = [
  {
    what: 'with an image that crashes',
    change: { env: { CRASH: '1' } },
    why: /exit code 3\b[\s\S]*database is on fire/,
  },
  {
    what: 'with an image that is missing',
    change: { image: 'airfield.local/nothing:1' },
    why: noImage,
  },
  { what: 'whose check fails', change: { env: { HEALTH: 'fail' } }, why: /check does not pass/ },
  {
    what: 'whose release command fails',
    change: { env: { RELEASE_EXIT: '4' }, deploy: { releaseCommand } },
    why: /exit code 4\b[\s\S]*ends with 4/,
  },
  {
    what: 'whose release command has no image',
    change: { image: 'airfield.local/nothing:1', deploy: { releaseCommand } },
    why: noImage,
  },
];

/** The last release that was tried, after which nothing else has been asked for. */
async function fails(app: VersionedApp, change: Change, why: RegExp) {
  for (const waitTimeout of waitTimeouts) {
    const version = await app.release();
    const edited = await app.edit({ ...change, deploy: { ...change.deploy, waitTimeout: `${waitTimeout}s` } });
    const status = await app.reaches(version + 1, 'failed');
    const { startedAt = '', finishedAt = '', message = '' } = status.release ?? {};
    expect(Date.parse(finishedAt) - Date.parse(startedAt)).toBeLessThan((waitTimeout + late) * 1000);
    if (why.test(message) || waitTimeout === waitTimeouts.at(-1)) return { edited, status };
  }
  throw new Error('there is no time to wait');
}

describe.each(failures)('a release $what leaves the old one serving and says why in time', ({ change, why }) => {
  it.concurrent.each(strategies)('by %s', async (strategy) => {
    const { app, serving } = await before(strategy);
    const { edited, status } = await fails(app, change, why);
    const ready = status.conditions?.find(({ type }) => type === 'Ready');
    expect(ready).toMatchObject({ status: 'False', reason: 'ReleaseFailed', message: expect.stringMatching(why) });
    expect(status.release).toMatchObject({ message: expect.stringMatching(why), finishedAt: expect.any(String) });
    await app.settles(serving);
    const { failures, sent, byVersion } = await app.traffic.take();
    expect(failures).toEqual([]);
    expect(byVersion).toEqual({ [serving]: sent });
    const commands = (await witness.runs(strategy)).filter(({ version }) => version === edited);
    expect(commands.length).toBeLessThanOrEqual(1);
  });
});

describe('an edit while the release command runs takes its place', () => {
  it.concurrent.each(strategies)('by %s', async (strategy) => {
    const { app, serving, version } = await before(strategy);
    const first = await app.edit({ env: { RELEASE_SLEEP: '60000' }, deploy: { releaseCommand } });
    await app.reaches(version + 1, 'command');
    await witness.sees(strategy, first);
    const second = await app.edit({ deploy: { releaseCommand } });
    await app.reaches(version + 2, 'complete');
    await app.settles(second);
    const { failures, byVersion } = await app.traffic.take();
    expect(failures).toEqual([]);
    expect(Object.keys(byVersion)).toEqual([serving, second]);
    const runs = await witness.runs(strategy);
    expect(runs.filter(({ version }) => version === first)).toEqual([
      { app: strategy, version: first, from: expect.any(Number), to: expect.any(Number) },
    ]);
    expect(runs.filter(({ version }) => version === second)).toMatchObject([{ exit: 0 }]);
  });
});

describe('an edit while new machines do not become healthy takes their place', () => {
  it.concurrent.each(strategies)('by %s', async (strategy) => {
    const { app, serving, version } = await before(strategy);
    const first = await app.edit({ env: { HEALTH: 'fail' } });
    await until('a machine of it', async () => (await app.machines()).some(({ version }) => version === first));
    const second = await app.edit();
    await app.reaches(version + 2, 'complete');
    await app.settles(second);
    const { failures, byVersion } = await app.traffic.take();
    expect(failures).toEqual([]);
    expect(Object.keys(byVersion)).toEqual([serving, second]);
  });
});

describe('over all these releases', () => {
  it('no two commands of an App ran at once, and none ran again once it had succeeded', async () => {
    const runs = await witness.runs();
    expect(overlaps(runs)).toEqual([]);
    expect(repeated(runs)).toEqual([]);
  });
});
