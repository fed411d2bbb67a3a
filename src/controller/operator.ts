import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config.ts';
import { connect } from '../kube/client.ts';
import { EventRecorder } from '../kube/events.ts';
import type { Informer } from '../kube/informer.ts';
import { type KubeObject, keyOf } from '../kube/types.ts';
import { createLog } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { appReconciler } from './app.ts';
import { Children } from './apply.ts';
import { createCaches, labelledKey, ownerKey } from './caches.ts';
import { Checks } from './checks.ts';
import { optionalKinds, settingsOf } from './cluster.ts';
import { Controller } from './controller.ts';
import { Manager } from './manager.ts';
import { namespaceReconciler } from './namespace.ts';
import { preflight } from './preflight.ts';
import { StatusWriter } from './status-writer.ts';
import { volumeUsageReconciler, wakeVolumeUsage } from './volume-usage.ts';

export interface Operator {
  /** Port of /healthz, /readyz and /metrics. */
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * The whole operator, put together and started. Throws an Error with one line where it cannot work at all. `onLost` is
 * called when another operator leads.
 */
export async function startOperator(config: Config, onLost: () => void): Promise<Operator> {
  const log = createLog(config.logLevel);
  const metrics = createMetrics();
  const { namespace, lease, concurrency: workers } = config;
  const client = await connect({
    userAgent: 'airfield-operator',
    onRequest: ({ method, status }) =>
      metrics.requests.inc({ code: status || '<error>', method, host: client.server.host }),
  });
  const optional = await optionalKinds(client, config.settings);
  const settings = await settingsOf(client, config, optional);
  const caches = createCaches({ client, namespace, log, optional });
  const informers = Object.values(caches) as unknown as Informer<KubeObject>[];
  await preflight({ client, resources: informers.map(({ resource }) => resource), namespace, lease });
  const children = new Children({ client, onWrite: (kind, operation) => metrics.childWrites.inc({ kind, operation }) });
  const events = new EventRecorder({ client, controller: 'airfield.dev/operator', instance: lease.identity, log });
  const status = new StatusWriter({ client, events });
  const checks = new Checks({ onChange: (key) => app.enqueue(key) });
  const common = { metrics, log, workers };
  const app = new Controller({
    ...common,
    name: 'app',
    reconcile: appReconciler({ client, caches, children, status, checks, settings }),
  });
  const namespaces = new Controller({
    ...common,
    name: 'namespace',
    reconcile: namespaceReconciler({ caches, children, settings }),
  });
  const [apps, claims, pods] = [caches.apps.store, caches.claims.store, caches.pods.store];
  const usage = new Controller({
    ...common,
    name: 'volume-usage',
    reconcile: volumeUsageReconciler({ client, apps, claims, pods, events }),
  });
  wake(caches, app, namespaces);
  wakeVolumeUsage(caches, usage);
  const controllers = [app, namespaces, usage];
  const lost = () => {
    checks.stop();
    onLost();
  };
  const manager = new Manager({ ...config, client, informers, controllers, metrics, log, onLost: lost });
  await manager.start();
  return {
    get port() {
      return manager.port;
    },
    async stop() {
      checks.stop();
      await manager.stop();
      await events.flush();
      client.close();
    },
  };
}

/** Which keys a change puts into which queue. */
function wake(caches: ReturnType<typeof createCaches>, app: Controller, namespaces: Controller): void {
  const { apps, pods, services, revisions, nodes, configMaps, claims, snapshots, ...owned } = caches;
  const enqueue = (controller: Controller, key: string | undefined) => key !== undefined && controller.enqueue(key);
  const wakeOwner = (_: string, current: KubeObject | undefined, previous: KubeObject | undefined) =>
    enqueue(app, ownerKey((current ?? previous) as KubeObject));
  apps.onChange((key, current, previous) => {
    app.enqueue(key);
    enqueue(namespaces, (current ?? previous)?.metadata.namespace);
  });
  const wakeLabelled: typeof wakeOwner = (_, current, previous) =>
    enqueue(app, labelledKey((current ?? previous) as KubeObject));
  const wakeOwnerOrNamespace: typeof wakeOwner = (key, current, previous) => {
    wakeOwner(key, current, previous);
    const { metadata } = (current ?? previous) as KubeObject;
    if (!metadata.ownerReferences?.length) enqueue(namespaces, metadata.namespace);
  };
  for (const informer of [pods, revisions, claims]) informer.onChange(wakeLabelled);
  snapshots?.onChange(wakeLabelled);
  for (const informer of [services, configMaps]) informer.onChange(wakeOwnerOrNamespace);
  for (const informer of Object.values(owned)) informer.onChange(wakeOwner);
  // A region that comes or goes concerns whoever names it.
  nodes?.onChange((_, current, previous) => {
    if (isDeepStrictEqual(current?.metadata.labels, previous?.metadata.labels)) return;
    for (const { metadata } of apps.store.list()) app.enqueue(keyOf(metadata));
  });
}
