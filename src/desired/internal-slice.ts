import type { App } from '../api/app.ts';
import type { EndpointSlice, ObservedPod } from '../api/kubernetes.ts';
import { hostSlice } from './host-slice.ts';
import { internalService } from './internal.ts';
import { isReady } from './machine.ts';

/** On each pod of a StatefulSet; nobody else sets it. */
const podNameLabel = 'statefulset.kubernetes.io/pod-name';

/**
 * `<app>.internal` for machines with volumes: their StatefulSet gives each pod its own name as host name, whatever the
 * template says, so Kubernetes answers `<machine>.internal` only. Without such machines, or while none is ready, none.
 */
export function internalSlice(app: App, pods: readonly ObservedPod[]): EndpointSlice | undefined {
  const addresses = pods
    .filter((pod) => pod.metadata.labels?.[podNameLabel] && isReady(pod))
    .flatMap(({ status }) => status?.podIP ?? []);
  return hostSlice(app, internalService, addresses.sort());
}
