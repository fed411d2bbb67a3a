import type { AnyChild, Deployment, Job, ObservedPod, ObservedWorkload } from '../api/kubernetes.ts';
import type { Machine } from '../api/machine.ts';
import { configAnnotation } from '../api/meta.ts';
import { fileConfigMap } from './files.ts';
import { workloadLabels, workloadSelector } from './labels.ts';
import { isOfRun, mayRun } from './machine-runs.ts';
import { machineSlice } from './machine-slice.ts';
import type { MachineOfApp } from './machine-workload.ts';
import { machineWorkload } from './machine-workload.ts';
import { checksPolicy } from './network-policy.ts';
import { machinePlacesSlices } from './place-names.ts';
import { podTemplate } from './pod.ts';
import type { Settings } from './settings.ts';
import type { Workload } from './workloads.ts';

/** How often a machine that fails is started again, without a word about it. https://fly.io/docs/machines/guides-examples/machine-restart-policy/ */
const usualRetries = 10;

/** What there is of a Machine. */
export interface MachinePresent {
  readonly pods: readonly ObservedPod[];
  /** Its Deployment and its Jobs. */
  readonly workloads: readonly ObservedWorkload[];
}

/** What a Machine becomes, in the order in which it is applied. */
export function machineChildren(of: MachineOfApp, present: MachinePresent, settings: Settings): AnyChild[] {
  const { machine, app } = of;
  const workload = machineWorkload(of);
  const all = [
    fileConfigMap(app, workload.release, workload.own),
    machineSlice(machine, present.pods),
    ...machinePlacesSlices(of, present.pods, settings),
    checksPolicy(machine, settings),
    mayBe(workload, machine, present) ? asBegun(programOf(machine, workload, settings), present) : undefined,
  ];
  return all.filter((child) => child !== undefined);
}

/**
 * Whether what runs a Machine may be there: not beside that of an earlier run, and not once more when its program has ended
 * for good, though the Job that has ended stays, for its logs.
 */
function mayBe({ kind, name }: Workload, { status }: Machine, { pods, workloads }: MachinePresent): boolean {
  if (workloads.some((one) => one.kind === kind && one.metadata.name === name)) return true;
  if (kind === 'Job' && status.run?.ended) return false;
  return workloads.length === 0 && (kind === 'Deployment' || !pods.some((pod) => !isOfRun(pod, status) && mayRun(pod)));
}

function programOf(machine: Machine, workload: Workload, settings: Settings): Deployment | Job | undefined {
  const { app, name, kind, count } = workload;
  const metadata = {
    name,
    namespace: app.metadata.namespace,
    labels: workloadLabels(workload),
    annotations: { [configAnnotation]: machine.status.configHash ?? '' },
  };
  if (kind === 'Deployment') return { apiVersion: 'apps/v1', kind, metadata, spec: alwaysOne(workload, settings) };
  if (count === 0) return undefined;
  return { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: once(machine, workload, settings) };
}

/** A Job that has begun keeps its labels: its pods have the secrets that these name, whatever the App has by now. */
function asBegun<Child extends AnyChild>(child: Child | undefined, { workloads }: MachinePresent): Child | undefined {
  const begun = workloads.find(({ kind, metadata }) => kind === 'Job' && metadata.name === child?.metadata.name);
  return child && begun ? { ...child, metadata: { ...child.metadata, labels: begun.metadata.labels ?? {} } } : child;
}

/** Nothing of the machine before may still run when its next version starts, as on Fly. */
function alwaysOne(workload: Workload, settings: Settings): NonNullable<Deployment['spec']> {
  return {
    replicas: workload.count,
    selector: { matchLabels: workloadSelector(workload) },
    strategy: { type: 'Recreate' },
    revisionHistoryLimit: 0,
    template: podTemplate(workload, settings),
  };
}

/**
 * A machine that fails comes back as a new pod. One that may fail does so elsewhere, too, when its node does not answer;
 * one that must not run twice waits until the node has said that its program has ended
 * (https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-replacement-policy).
 */
function once({ spec }: Machine, workload: Workload, settings: Settings): NonNullable<Job['spec']> {
  const { metadata, spec: pod } = podTemplate(workload, settings);
  return {
    backoffLimit: retriesOf(spec.restart),
    podReplacementPolicy: spec.restart.policy === 'no' ? 'Failed' : 'TerminatingOrFailed',
    template: {
      ...(metadata && { metadata }),
      spec: { ...pod, containers: pod?.containers ?? [], restartPolicy: 'Never' },
    },
  };
}

/** How often a machine whose program has failed is started again by its Job. */
export function retriesOf({ policy, maxRetries = usualRetries }: Machine['spec']['restart']): number {
  return policy === 'onFailure' ? maxRetries : 0;
}
