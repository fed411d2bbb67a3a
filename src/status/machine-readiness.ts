import type { ConditionClaim } from '../api/conditions.ts';
import type { ObservedPod } from '../api/kubernetes.ts';
import type { Machine } from '../api/machine.ts';
import { mayRun } from '../desired/machine-runs.ts';
import { isReady } from '../desired/ready.ts';
import { lostNode } from '../release/lost-node.ts';
import { firstTrouble, whyNotReady } from '../release/machine-trouble.ts';
import { onTheWay, ready, stalled } from './claims.ts';
import { currentPod } from './machine-progress.ts';

type Watched = Pick<Machine, 'spec' | 'status'>;

/** `Ready` of a Machine, and beside it what kstatus reads while that is not yet, or will not become, true. */
export function machineReadiness(machine: Watched, pods: readonly ObservedPod[], now: Date): ConditionClaim[] {
  const { state, run } = machine.status;
  const pod = currentPod(machine, pods);
  if (state === 'started' && pod && isReady(pod))
    return ready('Running', `its program runs on node ${pod.spec?.nodeName}`);
  const lost = pods.map((pod) => lostNode(pod, now)).find(Boolean);
  if (lost) return onTheWay('False', lost.reason, `${lost.message}; ${afterNode(machine, pods)}`);
  if (state === 'started') return serving(pod);
  if (state === 'suspended') return ready('Suspended', 'it is stopped, as the spec asks; its memory is not kept');
  if (state === 'destroying' || state === 'destroyed')
    return machine.status.exitCode
      ? ended(machine)
      : ready('Destroyed', 'its program has ended, and the spec asks to destroy it then');
  if (state === 'stopped')
    return run?.asked === 'started' ? ended(machine) : ready('Stopped', 'it is stopped, as the spec asks');
  if (state === 'failed' && run?.ended) return stalled('LaunchFailed', 'its program could not be started');
  const isStarting = state === 'starting' || state === 'failed';
  const trouble = isStarting && pod ? firstTrouble([pod]) : undefined;
  if (trouble) return onTheWay('False', trouble.reason, trouble.message);
  return onTheWay('Unknown', ...doing(machine, pods));
}

/** Its program runs, but is not ready to serve. */
function serving(pod: ObservedPod | undefined): ConditionClaim[] {
  const why = pod && (firstTrouble([pod]) ?? firstTrouble([pod], whyNotReady));
  return onTheWay(why ? 'False' : 'Unknown', why?.reason ?? 'Starting', why?.message ?? 'its program runs');
}

function ended({ status }: Watched): ConditionClaim[] {
  const { exitCode, restarts = 0 } = status;
  const again = restarts > 0 ? `, after ${restarts === 1 ? 'one restart' : `${restarts} restarts`}` : '';
  if (exitCode === 0) return ready('Exited', `its program ended with exit code 0${again}`);
  if (exitCode === undefined)
    return stalled(
      'Lost',
      'its program is gone, and nobody could tell how it ended: restart the Machine, or delete it',
    );
  const [exit] = (status.events ?? []).filter(({ type }) => type === 'exit');
  return stalled('ExitedWithError', `${exit?.message ?? `its program ended with exit code ${exitCode}`}${again}`);
}

function doing({ status }: Watched, pods: readonly ObservedPod[]): [reason: string, message: string] {
  const before = pods.some(mayRun);
  if (status.state === 'stopping') return ['Stopping', 'its program is asked to stop'];
  if (status.state === 'replacing')
    return ['Replacing', before ? 'the version before is asked to stop' : 'its next version is made'];
  return ['Starting', 'its program is being started'];
}

/** What becomes of a Machine whose node does not answer. */
function afterNode({ spec, status }: Watched, pods: readonly ObservedPod[]): string {
  const isReplaced = pods.some(
    (pod) => !pod.metadata.deletionTimestamp && pod.metadata.name !== undefined && !isOn(pod),
  );
  if (status.run?.asked !== 'started') return 'whether its program has ended cannot be known before it does';
  if (spec.restart.policy === 'no')
    return 'its program must not run twice, so it waits until the node answers, or is deleted from the cluster';
  const trouble = firstTrouble(pods);
  if (isReplaced && trouble) return `it is to be started elsewhere; ${trouble.message}`;
  if (isReplaced) return 'it is being started elsewhere';
  return 'it is started elsewhere when Kubernetes has given the node up';
}

const isOn = ({ status }: ObservedPod) => status?.phase === 'Running';
