import { isDeepStrictEqual } from 'node:util';
import { label, routesAnnotation } from '../api/meta.ts';
import { policyOf } from '../desired/gate-policy.ts';
import type { Edge } from '../desired/settings.ts';
import { type KubeObject, keyOf } from '../kube/types.ts';
import { type Caches, labelledKey, ownerKey, type StoredObject } from './caches.ts';
import type { Controller } from './controller.ts';
import { wantedHosts } from './hosts.ts';
import { reachableAs } from './reached-apps.ts';
import { valuesUsed } from './secret-index.ts';
import { wakeForCertificates } from './wake-certificates.ts';
import { wakeForSecrets } from './wake-secrets.ts';

/** The controllers of each kind, and of namespaces. */
export interface Controllers {
  readonly app: Pick<Controller, 'enqueue'>;
  readonly machine: Pick<Controller, 'enqueue'>;
  readonly schedule: Pick<Controller, 'enqueue'>;
  readonly secret: Pick<Controller, 'enqueue'>;
  readonly namespace: Pick<Controller, 'enqueue'>;
  readonly certificate: Pick<Controller, 'enqueue'>;
}

type Target = Pick<Controller, 'enqueue'>;
type Change = (key: string, current: KubeObject | undefined, previous: KubeObject | undefined) => void;

/** Which keys a change puts into which queue. */
export function wake(caches: Caches, controllers: Controllers, edge?: Edge): void {
  const { app, machine, schedule, secret, namespace, certificate } = controllers;
  const put = (target: Target, key: string | undefined) => key !== undefined && target.enqueue(key);
  const {
    apps,
    machines,
    schedules,
    secrets: _,
    sources: __,
    pods,
    services,
    revisions,
    nodes,
    configMaps,
    claims,
    snapshots,
    gates,
    gatePolicies,
    certificates: ___,
    formerCertificates: ____,
    ...owned
  } = caches;

  /** Values that nothing has any more are taken away by the App that they are of. */
  const wakeForValues = (current: KubeObject | undefined, previous: KubeObject | undefined) => {
    const [before, now] = [previous, current].map((object) => (object ? valuesUsed(object) : []));
    if (before?.some((one) => !now?.includes(one))) put(app, labelledKey(previous as KubeObject));
  };

  /** Whoever owns a child is asked to look at it again. */
  const wakeOwner: Change = (_, current, previous) => {
    const child = (current ?? previous) as KubeObject;
    put(app, ownerKey(child));
    put(machine, ownerKey(child, 'Machine'));
    put(schedule, ownerKey(child, 'Schedule'));
    put(secret, ownerKey(child, 'Secret'));
    // The Jobs of a Schedule are made by Kubernetes for its CronJob.
    put(schedule, labelledKey(child, label.schedule));
    wakeForValues(current, previous);
  };
  const wakeOwnerOrNamespace: Change = (key, current, previous) => {
    wakeOwner(key, current, previous);
    const { metadata } = (current ?? previous) as KubeObject;
    if (!metadata.ownerReferences?.length) put(namespace, metadata.namespace);
  };
  /** Pods and claims are made by Kubernetes for a child of ours, so they know whose they are by a label. */
  const wakeLabelled: Change = (_, current, previous) => {
    const object = (current ?? previous) as KubeObject;
    const { namespace: where, labels = {} } = object.metadata;
    wakeForValues(current, previous);
    if (labels[label.machine]) return void put(machine, `${where}/${labels[label.machine]}`);
    if (labels[label.schedule]) return void put(schedule, `${where}/${labels[label.schedule]}`);
    put(app, labelledKey(object));
  };
  /** What Machines and Schedules have of their App. */
  const wakeFollowers = (key: string) => {
    for (const { metadata } of machines.store.byIndex('app', key)) machine.enqueue(keyOf(metadata));
    for (const { metadata } of schedules.store.byIndex('app', key)) schedule.enqueue(keyOf(metadata));
  };

  /** Apps that want a host which an App has, or had. */
  const rivalsOf = (...states: (StoredObject | undefined)[]) => {
    const hosts = states.flatMap((one) => (one ? wantedHosts(edge)(one) : []));
    const rivals = [...new Set(hosts)].flatMap((host) => apps.store.byIndex('host', host));
    return new Set(rivals.map(({ metadata }) => keyOf(metadata)));
  };

  apps.onChange((key, current, previous) => {
    app.enqueue(key);
    put(namespace, (current ?? previous)?.metadata.namespace);
    // Its status says nothing to them, and changes often.
    if (current?.metadata.generation === previous?.metadata.generation) return;
    wakeFollowers(key);
    certificate.enqueue(key);
    for (const rival of rivalsOf(current, previous)) {
      app.enqueue(rival);
      certificate.enqueue(rival);
    }
  });
  machines.onChange((key, current, previous) => {
    machine.enqueue(key);
    // Its ports are a part of the Service of its App.
    for (const one of [current, previous]) put(app, one && appKeyOf(one));
  });
  schedules.onChange((key) => schedule.enqueue(key));
  wakeForSecrets(caches, controllers);
  wakeForCertificates(caches, controllers);
  for (const informer of [pods, claims]) informer.onChange(wakeLabelled);
  snapshots?.onChange(wakeLabelled);
  revisions.onChange((_, current, previous) => {
    const key = labelledKey((current ?? previous) as KubeObject);
    if (key === undefined) return;
    app.enqueue(key);
    wakeFollowers(key);
  });
  for (const informer of [services, configMaps]) informer.onChange(wakeOwnerOrNamespace);
  // Whoever may connect to it with a closed way out has to be let out to its ports at the gates.
  services.onChange((_, current, previous) => {
    const [now, before] = [current, previous].map((one) => one?.metadata.annotations?.[routesAnnotation]);
    if (now === before) return;
    const names = [current, previous].flatMap((one) => (one ? reachableAs(one) : []));
    for (const name of new Set(names)) {
      for (const { metadata } of apps.store.byIndex('reaches', name)) app.enqueue(keyOf(metadata));
    }
  });
  for (const informer of Object.values(owned)) informer.onChange(wakeOwner);
  // The slices of all that is gated list the gates.
  gates?.onChange((_, current, previous) => {
    const isSame = isDeepStrictEqual(current?.status, previous?.status);
    if (isSame && current?.metadata.deletionTimestamp === previous?.metadata.deletionTimestamp) return;
    for (const service of services.store.list()) {
      if (service.metadata.annotations?.[routesAnnotation]) put(app, ownerKey(service));
    }
  });
  // Also one of an App that went while nobody looked.
  gatePolicies?.onChange((_, current, previous) => {
    for (const policy of [current, previous]) put(app, policy && policyOf(policy));
  });
  // A region that comes or goes concerns whoever names it.
  nodes?.onChange((_, current, previous) => {
    if (isDeepStrictEqual(current?.metadata.labels, previous?.metadata.labels)) return;
    for (const { metadata } of apps.store.list()) app.enqueue(keyOf(metadata));
  });
}

/** Key of the App that a Machine or a Schedule names. */
function appKeyOf({ metadata, spec }: StoredObject): string {
  return `${metadata.namespace}/${(spec as { app?: string } | undefined)?.app}`;
}
