import type { ObservedWorkload } from '../api/kubernetes.ts';
import type { Machine, MachineSpec } from '../api/machine.ts';
import type { MachineStatus } from '../api/machine-status.ts';
import { processSchema } from '../api/process.ts';
import type { VolumeProblem } from '../api/volume.ts';
import { machineChecks } from '../desired/checks.ts';
import { configOf, type MachineOfApp, processGroupOf } from '../desired/machine-workload.ts';
import type { Settings } from '../desired/settings.ts';
import type { Client } from '../kube/client.ts';
import { isConflict, isNotFound } from '../kube/errors.ts';
import { lostNodeInMs } from '../release/lost-node.ts';
import { machineStatus, waitingStatus } from '../status/machine.ts';
import { machineCheckStatuses } from '../status/machine-checks.ts';
import { currentPod, type MachineObserved, progressed, progressInMs } from '../status/machine-progress.ts';
import { bornStatus, stopTakenUp, takenUp } from '../status/machine-run.ts';
import type { Children } from './apply.ts';
import { type Caches, childrenOf } from './caches.ts';
import type { Checks } from './checks.ts';
import type { GonePods } from './gone-pods.ts';
import { appOf, desiredOf, type Waiting } from './machine-app.ts';
import type { Reconciled, Work } from './reconciler.ts';
import { machines } from './resources.ts';
import { withoutSecrets } from './secrets-cached.ts';
import { tendVolumes } from './volumes.ts';

export interface LifeOptions {
  readonly client: Pick<Client, 'create' | 'mergePatch' | 'delete'>;
  readonly caches: Caches;
  readonly children: Pick<Children, 'apply'>;
  readonly checks: Pick<Checks, 'keep' | 'results'>;
  readonly settings: Settings;
  readonly gone: GonePods;
}

type MachineWork = Work<MachineSpec, MachineStatus>;
type Lived = Reconciled<MachineStatus>;

/**
 * How long a Machine that has destroyed itself can still be looked at: long enough for a script or a pipeline that waits
 * for its exit code, as on Fly, where a destroyed machine can still be asked for.
 */
const rememberedMs = 600_000;

/**
 * One step in the life of a Machine: what is newly asked for is written down, or what has happened is; and only where
 * neither is the case something is done. Each step wakes the next one by its write.
 */
export function machineLife(options: LifeOptions) {
  return async (work: MachineWork): Promise<Lived> => {
    const { now, key } = work;
    const { metadata, spec } = work;
    const machine: Machine = { metadata, spec, status: bornStatus(work, now) };
    const found = appOf(machine, options.caches);
    const of = 'claims' in found ? undefined : found;
    const taken = of ? takenUp(of, configOf(of), now) : stopTakenUp(machine, now);
    if (taken) return { status: taken };
    const observed = observedOf(work, options);
    const status = progressed(machine, observed, now);
    if (status !== machine.status) return { status: told({ ...machine, status }, found, observed, work, options) };
    options.gone.forget(key);
    if (status.state === 'destroyed') return forgotten(machine, work, options);
    return live(machine, found, observed, work, options);
  };
}

/** Makes its children what they should be, and tells how it is. */
async function live(
  machine: Machine,
  found: MachineOfApp | Waiting,
  observed: MachineObserved,
  work: MachineWork,
  options: LifeOptions,
): Promise<Lived> {
  const { stored, key, now, signal } = work;
  const { caches, children, settings, client } = options;
  const volumes = {
    claims: caches.claims.store.byIndex('machine', key),
    snapshots: caches.snapshots?.store.byIndex('machine', key),
  };
  // What has never been started may have no volumes yet.
  const { run } = machine.status;
  const tended = run ? await tendVolumes(machine, volumes, { client, now, signal }) : { problems: [] };
  const desired = desiredOf(machine, found, observed, settings);
  if (desired) await children.apply(stored, desired, childrenOf(stored, caches), signal);
  const inMs = progressInMs(machine, observed);
  const waits = [tended.requeueAfterMs, inMs, ...observed.pods.map((pod) => lostNodeInMs(pod, now))];
  const known = waits.filter((ms) => ms !== undefined);
  return {
    status: told(machine, found, observed, work, options, tended.problems),
    ...(known.length > 0 && { requeueAfterMs: Math.min(...known) }),
  };
}

function observedOf({ key, stored, spec }: MachineWork, { caches, gone }: LifeOptions): MachineObserved {
  const { deployments, jobs } = caches;
  const uid = stored.metadata.uid ?? '';
  const app = `${stored.metadata.namespace}/${spec.app}`;
  return {
    pods: withoutSecrets(caches.pods.store.byIndex('machine', key), app, caches),
    gone: withoutSecrets(gone.of(key), app, caches),
    workloads: [deployments, jobs].flatMap(({ store }): ObservedWorkload[] => store.byIndex('owner', uid)),
  };
}

function told(
  machine: Machine,
  found: MachineOfApp | Waiting,
  { pods }: MachineObserved,
  { key, now }: MachineWork,
  { checks, settings }: LifeOptions,
  volumes: readonly VolumeProblem[] = [],
): MachineStatus {
  const pod = currentPod(machine, pods);
  const canAsk = settings.operatorNamespace !== undefined;
  const processes = [processSchema.parse({ name: processGroupOf(machine) })];
  checks.keep(key, canAsk && pod ? machineChecks({ ...machine.spec, processes }, [pod]) : []);
  if ('claims' in found) return waitingStatus(machine, found.claims, now);
  const of = { ...found, machine };
  const statuses = machineCheckStatuses(of, pod, canAsk ? checks.results(key) : undefined, now);
  return machineStatus(machine, { pods, volumes, checks: statuses }, now);
}

/** A Machine that has destroyed itself is deleted after a while. */
async function forgotten(
  { status }: Machine,
  { stored, now, signal }: MachineWork,
  options: LifeOptions,
): Promise<Lived> {
  const left = Date.parse(status.stateSince ?? '') + rememberedMs - now.getTime();
  if (left > 0) return { status, requeueAfterMs: left };
  const { uid } = stored.metadata;
  try {
    await options.client.delete(machines, stored.metadata, { ...(uid && { uid }), signal });
  } catch (error) {
    // Gone already, or another one by now.
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
  return { status };
}
