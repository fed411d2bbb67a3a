import type { AnyChild, Deployment, Job } from '../api/kubernetes.ts';
import type { Machine } from '../api/machine.ts';
import { configAnnotation } from '../api/meta.ts';
import { fileConfigMap } from './files.ts';
import { workloadLabels, workloadSelector } from './labels.ts';
import type { MachineOfApp } from './machine-workload.ts';
import { machineWorkload } from './machine-workload.ts';
import { podTemplate } from './pod.ts';
import type { Settings } from './settings.ts';
import type { Workload } from './workloads.ts';

/** How often a machine that fails is started again, without a word about it. https://fly.io/docs/machines/guides-examples/machine-restart-policy/ */
const usualRetries = 10;

/** What a Machine becomes, in the order in which it is applied. `runs` says whether its program may be there. */
export function machineChildren(of: MachineOfApp, settings: Settings, runs: boolean): AnyChild[] {
  const workload = machineWorkload(of);
  const files = fileConfigMap(of.app, workload.release, workload.own);
  const program = runs ? [programOf(of.machine, workload, settings)] : [];
  return [...(files ? [files] : []), ...program].filter((child) => child !== undefined);
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
