import type { App } from '../api/app.ts';
import type { Release, Slot } from '../api/release.ts';
import { checkedGroups } from '../desired/machine-check.ts';
import type { MachineSet, Workload } from '../desired/workloads.ts';
import { workloadsOf } from '../desired/workloads.ts';

/** A release that has to prove itself before it takes anything from the one that serves, or before there is any. */
export function isTriedFirst(release: Release, serving: Release | undefined): boolean {
  const { strategy } = release.deploy;
  const isBeside = serving !== undefined && (strategy === 'canary' || strategy === 'bluegreen');
  return isBeside || checkedGroups(release).length > 0;
}

/** Where the machines of a release run: `bluegreen` takes the slot that is free. */
export function slotOf({ deploy }: Release, serving: Release | undefined): Slot {
  if (!serving) return 'blue';
  const { slot } = serving.journal;
  return deploy.strategy === 'bluegreen' ? otherThan(slot) : slot;
}

/** Which machines there should be at the moment; where two sets have the same workload, the first one decides. */
export function setsOf(app: App, current: Release, serving: Release | undefined): MachineSet[] {
  const old = serving && machines(serving);
  switch (phaseThatHolds(app, current, serving)) {
    case 'command':
      return old ? [old] : [];
    case 'canary':
      return [...(old ? [old] : []), triedSet(current)];
    case 'rollout':
      // Groups and regions that are no more go when the rest has arrived.
      return [machines(current), ...(old ? [old] : [])];
    default:
      return [machines(current)];
  }
}

/** The machines by which a release is judged while it is in this phase. */
export function judgedSet(current: Release): MachineSet {
  return current.journal.phase === 'canary' ? triedSet(current) : machines(current);
}

/** The workloads of sets, without those of later sets that are the same workload. */
export function workloadsOfSets(app: App, sets: readonly MachineSet[]): Workload[] {
  const found = new Map<string, Workload>();
  for (const workload of sets.flatMap((set) => workloadsOf(app, set))) {
    const identity = `${workload.kind}/${workload.name}`;
    if (!found.has(identity)) found.set(identity, workload);
  }
  return [...found.values()];
}

/** A failed release leaves what its phase left, or hands back to the one that serves. */
export function phaseThatHolds(app: App, { journal }: Release, serving: Release | undefined): string {
  if (journal.phase !== 'failed') return journal.phase;
  const { failedIn = 'rollout' } = journal;
  if (failedIn !== 'rollout') return 'command';
  return serving && app.spec.deploy.autoRollback ? 'command' : 'rollout';
}

/** All machines of a release. */
export function machines(release: Release): MachineSet {
  return { release, slot: release.journal.slot, role: 'machines' };
}

/** A canary that has checks to pass gets no traffic: it is in the slot that does not serve. */
function triedSet(release: Release): MachineSet {
  const { strategy } = release.deploy;
  const all = machines(release);
  if (strategy === 'bluegreen') return all;
  const checked = checkedGroups(release);
  if (checked.length === 0) return { ...all, role: 'canary' };
  const canaries: MachineSet = { ...all, role: 'canary', slot: otherThan(all.slot) };
  return strategy === 'canary' ? canaries : { ...canaries, groups: checked };
}

const otherThan = (slot: Slot): Slot => (slot === 'blue' ? 'green' : 'blue');
