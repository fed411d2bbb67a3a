import type { Resource } from '../kube/resources.ts';

const of = (apiVersion: string, kind: string, plural: string, namespaced: boolean): Resource =>
  Object.freeze({ apiVersion, kind, plural, namespaced });

/** Can be selected by what they are about, which those of events.k8s.io cannot in every version. */
export const coreEvents = of('v1', 'Event', 'events', true);
export const storageClasses = of('storage.k8s.io/v1', 'StorageClass', 'storageclasses', false);
export const accessReviews = of(
  'authorization.k8s.io/v1',
  'SelfSubjectAccessReview',
  'selfsubjectaccessreviews',
  false,
);
export const ingressClasses = of('networking.k8s.io/v1', 'IngressClass', 'ingressclasses', false);
export const apiServices = of('apiregistration.k8s.io/v1', 'APIService', 'apiservices', false);
/** Of the CSI snapshot controller: not every cluster has it. */
export const snapshotClasses = of('snapshot.storage.k8s.io/v1', 'VolumeSnapshotClass', 'volumesnapshotclasses', false);
/** Of the Gateway API: not every cluster has it. */
export const gatewayClasses = of('gateway.networking.k8s.io/v1', 'GatewayClass', 'gatewayclasses', false);
