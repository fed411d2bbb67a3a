import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AnyChild } from '../../../src/api/kubernetes.ts';
import { resourceOf } from '../../../src/controller/resources.ts';
import { workloadLabels, workloadSelector } from '../../../src/desired/labels.ts';
import { releaseCommand } from '../../../src/desired/release-command.ts';
import { type MachineSet, workloadsOf } from '../../../src/desired/workloads.ts';
import { anyAppName, anySpec } from '../../desired/app-arbitrary.ts';
import { anApp, aRelease, childrenOf, settings } from '../../desired/app-fixture.ts';
import { client, installCrd, verdict } from '../api/app-verdict.ts';

beforeAll(installCrd);

/** Every set of machines that one App may have at the same time. */
const sets = (release: MachineSet['release']): MachineSet[] => [
  { release, slot: 'blue', role: 'machines' },
  { release, slot: 'green', role: 'machines' },
  { release, slot: 'blue', role: 'canary' },
];

async function refusals(children: readonly AnyChild[]): Promise<string[]> {
  const answers = children.map(async (child) => {
    const object = { ...child, metadata: { ...child.metadata, namespace: 'default' } };
    const { kind, metadata } = child;
    const refuse = (error: Error) => `${kind} ${metadata.name}: ${error.message}`;
    return client
      .apply(resourceOf(child), object, { fieldManager: 'test', dryRun: true })
      .then(() => undefined, refuse);
  });
  return (await Promise.all(answers)).filter((answer) => answer !== undefined);
}

describe('any App that the API server accepts', () => {
  it('becomes children that it accepts too, with names of their own, and no two groups select the same machines', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(anyAppName, anySpec, async (name, spec) => {
        const said = await verdict(spec, name);
        fc.pre(said === 'accepted');
        accepted++;
        const app = anApp(spec, name);
        const release = aRelease(app);
        const command = release.deploy.releaseCommand ? [releaseCommand(app, release, settings)] : [];
        const children = [...childrenOf(app), ...command];
        expect(await refusals(children)).toEqual([]);
        const names = children.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
        expect(new Set(names).size).toBe(names.length);
        const workloads = sets(release).flatMap((set) => workloadsOf(app, set));
        expect(new Set(workloads.map((workload) => workload.name)).size).toBe(workloads.length);
        const selectors = workloads.map((workload) => JSON.stringify(workloadSelector(workload)));
        expect(new Set(selectors).size).toBe(workloads.length);
        for (const workload of workloads) expect(workloadLabels(workload)).toMatchObject(workloadSelector(workload));
      }),
      { numRuns: 100, maxSkipsPerRun: 50 },
    );
    expect(accepted).toBeGreaterThanOrEqual(100);
  });
});
