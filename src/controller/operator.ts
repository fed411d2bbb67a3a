import type { Config } from '../config.ts';
import { connect } from '../kube/client.ts';
import { EventRecorder } from '../kube/events.ts';
import type { Informer } from '../kube/informer.ts';
import type { Key, KubeObject } from '../kube/types.ts';
import type { VolumeStats } from '../kube/volume-stats.ts';
import { createLog } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { appReconciler } from './app.ts';
import { Children } from './apply.ts';
import { createAutoscaler } from './autoscaling.ts';
import { createCaches } from './caches.ts';
import { certificateReconciler } from './certificates.ts';
import { Checks } from './checks.ts';
import { optionalKinds, settingsOf } from './cluster.ts';
import { Controller } from './controller.ts';
import { expiryReconciler, wakeExpiry } from './expiry.ts';
import { machineReconciler } from './machine.ts';
import { Manager } from './manager.ts';
import { namespaceReconciler } from './namespace.ts';
import { objectMetrics } from './object-metrics.ts';
import { preflight } from './preflight.ts';
import { scheduleReconciler } from './schedule.ts';
import { SealingKeys } from './sealing-keys.ts';
import { sealingKeysReconciler, wakeSealingKeys } from './sealing-keys-reconciler.ts';
import { secretReconciler } from './secret.ts';
import { StatusWriter } from './status-writer.ts';
import { TlsSecrets } from './tls-secrets.ts';
import { volumeUsageReconciler, wakeVolumeUsage } from './volume-usage.ts';
import { wake } from './wake.ts';

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
  const { lease, concurrency: workers } = config;
  const client = await connect({
    userAgent: 'airfield-operator',
    onRequest: ({ method, status }) =>
      metrics.requests.inc({ code: status || '<error>', method, host: client.server.host }),
  });
  const optional = await optionalKinds(client, config.settings);
  const settings = await settingsOf(client, config, optional);
  const { gates, edge } = settings;
  const caches = createCaches({ client, namespace: config.namespace, log, optional, gates, edge });
  const keys = new SealingKeys({ client, namespace: lease.namespace, log });
  const informers = [...(Object.values(caches) as unknown as Informer<KubeObject>[]), ...keys.informers];
  await preflight({ client, informers, lease });
  const children = new Children({ client, onWrite: (kind, operation) => metrics.childWrites.inc({ kind, operation }) });
  const events = new EventRecorder({ client, controller: 'airfield.dev/operator', instance: lease.identity, log });
  const status = new StatusWriter({ client, events });
  const checks = new Checks({ onChange: (key) => app.enqueue(key) });
  const ownChecks = new Checks({ onChange: (key) => machine.enqueue(key) });
  const autoscaler = createAutoscaler({ config, client, caches, events, metrics, log });
  const common = { metrics, log, workers };
  const tlsSecrets = new TlsSecrets(client, caches);
  const ofKind = { client, caches, children, status, keys, settings };
  const app = new Controller({
    ...common,
    name: 'app',
    reconcile: appReconciler({ ...ofKind, events, checks, autoscaler, tlsSecrets }),
  });
  const machine = new Controller({
    ...common,
    name: 'machine',
    reconcile: machineReconciler({ ...ofKind, checks: ownChecks }),
  });
  const schedule = new Controller({ ...common, name: 'schedule', reconcile: scheduleReconciler(ofKind) });
  const secret = new Controller({ ...common, name: 'secret', reconcile: secretReconciler(ofKind) });
  const namespace = new Controller({ ...common, name: 'namespace', reconcile: namespaceReconciler(ofKind) });
  const certificate = new Controller({
    ...common,
    name: 'certificate',
    reconcile: certificateReconciler({ ...ofKind, tlsSecrets }),
  });
  const [apps, claims, pods] = [caches.apps.store, caches.claims.store, caches.pods.store];
  const machines = caches.machines.store;
  const used = new Map<Key, VolumeStats>();
  const usage = new Controller({
    ...common,
    name: 'volume-usage',
    reconcile: volumeUsageReconciler({ client, apps, machines, claims, pods, events, used }),
  });
  const onSoon = (key: string) => app.enqueue(key);
  const expiry = new Controller({
    ...common,
    name: 'expiry',
    reconcile: expiryReconciler({ client, apps, events, onSoon }),
  });
  const sealingKeys = new Controller({
    ...common,
    name: 'sealing-keys',
    reconcile: sealingKeysReconciler({ client, children, keys }),
  });
  wake(caches, { app, machine, schedule, secret, namespace, certificate }, edge);
  wakeVolumeUsage(caches, usage);
  wakeExpiry(caches.apps, expiry);
  wakeSealingKeys(keys, caches, { sealingKeys, secret });
  const controllers = [app, machine, schedule, secret, namespace, certificate, usage, expiry, sealingKeys];
  const lost = () => {
    checks.stop();
    ownChecks.stop();
    void autoscaler.stop();
    onLost();
  };
  const manager = new Manager({ ...config, client, informers, controllers, metrics, log, onLost: lost });
  const ofObjects = objectMetrics(caches, used);
  metrics.tell(() => (manager.isLeading ? ofObjects() : []));
  await manager.start();
  return {
    get port() {
      return manager.port;
    },
    async stop() {
      checks.stop();
      ownChecks.stop();
      await autoscaler.stop();
      await manager.stop();
      await events.flush();
      client.close();
    },
  };
}
