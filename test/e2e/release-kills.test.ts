import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KilledOperator, seed } from './killed-operator.ts';
import { Namespace } from './kubectl.ts';
import { type Change, releaseCommand, strategies, VersionedApp } from './versioned.ts';
import { overlaps, repeated, Witness } from './witness.ts';

/** Good releases during which the operator is killed, and how often in each: twelve times in all. */
const releases = 3;
const killsPerRelease = 4;
/** Milliseconds after the edit within which it is killed: about as long as a release takes with that. */
const span = 12_000;

let operator: KilledOperator;
let namespace: Namespace;
let witness: Witness;
let apps: VersionedApp[];

beforeAll(async () => {
  namespace = await Namespace.create('kills');
  operator = await KilledOperator.startIn(namespace);
  witness = await Witness.start(namespace);
  const begin = (strategy: (typeof strategies)[number]) =>
    VersionedApp.start(namespace, strategy, { strategy, releaseCommand }, { rate: 50 });
  apps = await Promise.all(strategies.map(begin));
});
afterAll(async () => {
  await namespace.delete();
  await operator.stop();
});

/** What the Apps are made of. Of the two sets of `bluegreen`, the other one serves after each release. */
async function children(): Promise<string[]> {
  const names = await namespace.names('deployments', 'services', 'networkpolicies', 'configmaps', 'endpointslices');
  return names
    .filter((name) => !name.startsWith('endpointslice') || name.endsWith('-flycast'))
    .map((name) => name.replace(/-green-[0-9a-f]{8}$/, ''))
    .sort();
}

/** Edits all Apps and kills the operator at random moments from then on, each time starting it again. */
async function releaseWithKills(what: string, change: Change): Promise<void> {
  await Promise.all(apps.map((app) => app.edit(change)));
  await operator.kills(what, killsPerRelease, span);
}

describe(`the operator killed at random moments of a release (AIRFIELD_TEST_SEED=${seed})`, () => {
  it.each(Array.from({ length: releases }, (_, index) => index + 1))(
    'finishes it as if nothing had happened, without losing a request: release %i',
    async (round) => {
      const before = await children();
      const versions = await Promise.all(apps.map((app) => app.release()));
      await releaseWithKills(`release ${round}`, { env: { RELEASE_SLEEP: '1000' } });
      for (const [index, app] of apps.entries()) {
        const { release } = await app.reaches((versions[index] ?? 0) + 1, 'complete');
        expect(release).toMatchObject({ serving: release?.version });
        await app.settles(app.version);
        await namespace.waitReady(app.name);
        const { failures } = await app.traffic.take();
        expect(failures, app.name).toEqual([]);
      }
      expect(await children()).toEqual(before);
    },
  );

  it('puts the old one back all the same when the new one does not become healthy', async () => {
    const serving = await Promise.all(apps.map((app) => app.settles()));
    const versions = await Promise.all(apps.map((app) => app.release()));
    await releaseWithKills('bad release', { env: { HEALTH: 'fail' }, deploy: { waitTimeout: '30s' } });
    for (const [index, app] of apps.entries()) {
      const { conditions } = await app.reaches((versions[index] ?? 0) + 1, 'failed');
      expect(conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ reason: 'ReleaseFailed' });
      await app.settles(serving[index]);
      expect((await app.traffic.take()).failures, app.name).toEqual([]);
    }
  });

  it('never runs two commands of an App at once, and none again that has succeeded', async () => {
    const runs = await witness.runs();
    expect(overlaps(runs)).toEqual([]);
    expect(repeated(runs)).toEqual([]);
    for (const app of apps) {
      const succeeded = runs.filter((run) => run.app === app.name && run.exit === 0);
      expect(succeeded).toHaveLength(releases + 2);
    }
  });
});
