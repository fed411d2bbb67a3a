import { label } from '../api/meta.ts';
import type { Route } from '../api/route.ts';
import type { Client } from '../kube/client.ts';
import { deployments, type ObjectRef, type Resource, statefulSets } from '../kube/resources.ts';

/** Kubernetes does not record it for a scale that was 0: who started a machine is told by an Event of the operator. */
const fieldManager = 'airfield-gate';
/** For each request; waking is tried again, so nothing is gained by waiting long. */
const longestMs = 5000;

/** The part of autoscaling/v1 Scale that matters; a scale of 0 is left out. */
interface Scale {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly selector?: string };
}

export type Scaler = Pick<Client, 'get' | 'mergePatch'>;

/** `started`: one has been asked for. `coming`: one is on its way. `later`: the last ones leave, but may still stay. */
export type Outcome = 'started' | 'coming' | 'later';

interface Scaled {
  readonly resource: Resource;
  readonly ref: ObjectRef;
  readonly scale: Scale;
}

/**
 * Has a workload of a route start a machine: the first one whose scale is 0, where no other one has any. `mayStay`: those
 * that run get nothing new, and it is not decided yet whether they are stopped. Throws where nothing could be done.
 */
export async function scaleUp(client: Scaler, route: Route, mayStay: boolean): Promise<Outcome> {
  if (route.wake.length === 0) throw new Error('its route names no workload to start: fill `wake`');
  const looks = await Promise.allSettled(route.wake.map((workload) => look(client, route, workload)));
  const found = looks.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const hasAny = found.some(({ scale }) => replicasOf(scale) > 0);
  if (hasAny && !mayStay) return 'coming';
  const first = found.find(({ scale }) => replicasOf(scale) === 0);
  if (first) {
    await raise(client, first);
    return 'started';
  }
  if (hasAny) return 'later';
  throw looks.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))[0];
}

/** A route may only start what is of its own App, whoever wrote it. */
async function look(client: Scaler, { namespace, app }: Route, { kind, name }: Route['wake'][number]): Promise<Scaled> {
  const resource = kind === 'Deployment' ? deployments : statefulSets;
  const ref = { namespace, name };
  const signal = AbortSignal.timeout(longestMs);
  const scale = await client.get<Scale>(resource, ref, { subresource: 'scale', signal });
  if (scale.status?.selector?.split(',').includes(`${label.app}=${app}`)) return { resource, ref, scale };
  throw new Error(`${kind} ${name} is not of App ${app}: its selector does not say ${label.app}=${app}`);
}

/** The version makes sure that a scale which somebody else has raised meanwhile is not lowered. */
async function raise(client: Scaler, { resource, ref, scale }: Scaled): Promise<void> {
  const { resourceVersion } = scale.metadata;
  const patch = { metadata: { resourceVersion }, spec: { replicas: 1 } };
  const signal = AbortSignal.timeout(longestMs);
  await client.mergePatch(resource, ref, patch, { subresource: 'scale', fieldManager, signal });
}

const replicasOf = ({ spec }: Scale) => spec?.replicas ?? 0;
