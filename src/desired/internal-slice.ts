import type { App } from '../api/app.ts';
import type { EndpointSlice, ObservedPod } from '../api/kubernetes.ts';
import { hostSlice } from './host-slice.ts';
import { internalService } from './internal.ts';
import { isReady } from './ready.ts';

/** On each pod of a StatefulSet and of an Indexed Job; nobody else sets them. */
const numberedLabels = ['statefulset.kubernetes.io/pod-name', 'batch.kubernetes.io/job-completion-index'];

/**
 * `<app>.internal` for machines with volumes and those that may end: their StatefulSet or Job gives each pod a host name
 * of its own, whatever the template says, so Kubernetes answers `<machine>.internal` only. Without such machines, or
 * while none is ready, none.
 */
export function internalSlice(app: App, pods: readonly ObservedPod[]): EndpointSlice | undefined {
  const addresses = pods.filter((pod) => isNumbered(pod) && isReady(pod)).flatMap(({ status }) => status?.podIP ?? []);
  return hostSlice(app, internalService, addresses.sort());
}

function isNumbered({ metadata: { labels = {} } }: ObservedPod): boolean {
  return numberedLabels.some((name) => labels[name] !== undefined);
}
