import type { Family } from '../exposition.ts';
import type { Key } from '../kube/types.ts';
import type { VolumeStats } from '../kube/volume-stats.ts';
import { appMetrics, machineMetrics, podMetrics } from './app-metrics.ts';
import type { Caches } from './caches.ts';
import { certificateMetrics } from './certificate-metrics.ts';
import { EndCounts } from './end-counts.ts';
import { gateMetrics } from './gate-pod-metrics.ts';
import { scheduleMetrics } from './schedule-metrics.ts';
import { volumeMetrics } from './storage-metrics.ts';

/**
 * What is told of Apps and what belongs to them, made from the caches each time it is asked for. Call it before the caches
 * start: how releases and runs end is seen as it happens. `used`: how full volumes are that the operator has asked for.
 */
export function objectMetrics(caches: Caches, used: Map<Key, VolumeStats>): () => Family[] {
  const ends = new EndCounts();
  ends.watch(caches);
  caches.claims.onChange((key, current) => {
    if (!current) used.delete(key);
  });
  return () => {
    const [apps, schedules] = [caches.apps.store.list(), caches.schedules.store.list()];
    return [
      ...appMetrics(apps, (app) => caches.pods.store.byIndex('app', app)),
      podMetrics(caches.pods.store.list()),
      machineMetrics(caches.machines.store.list()),
      ...scheduleMetrics(schedules),
      ...ends.families(apps, schedules),
      ...volumeMetrics(caches.claims.store.list(), used),
      ...gateMetrics(caches.gates?.store.list()),
      certificateMetrics(caches.certificates?.store.list() ?? []),
    ];
  };
}
