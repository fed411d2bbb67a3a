import { expect, it } from 'vitest';
import { createMetrics } from '../src/metrics.ts';

it('has the names that dashboards for controller-runtime read', async () => {
  const text = await createMetrics().text();
  const names = [...text.matchAll(/^# TYPE (\S+) \S+$/gm)].map(([, name]) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'controller_runtime_reconcile_total',
      'controller_runtime_reconcile_errors_total',
      'controller_runtime_terminal_reconcile_errors_total',
      'controller_runtime_reconcile_time_seconds',
      'controller_runtime_max_concurrent_reconciles',
      'controller_runtime_active_workers',
      'workqueue_depth',
      'workqueue_adds_total',
      'workqueue_queue_duration_seconds',
      'workqueue_work_duration_seconds',
      'workqueue_unfinished_work_seconds',
      'workqueue_longest_running_processor_seconds',
      'workqueue_retries_total',
      'rest_client_requests_total',
      'leader_election_master_status',
      'airfield_child_writes_total',
    ]),
  );
});

it('gives every metric a help text and the prefix of whoever named it', async () => {
  const text = await createMetrics().text();
  const helps = [...text.matchAll(/^# HELP (\S+) (.*)$/gm)];
  const prefixes = /^(controller_runtime|workqueue|rest_client|leader_election|airfield|process|nodejs)_/;
  expect(helps.filter(([, name, help]) => !help || !prefixes.test(name!)).map(([, name]) => name)).toEqual([]);
});

it('asks for values that change by themselves when they are read', async () => {
  const metrics = createMetrics();
  let objects = 0;
  metrics.beforeScrape(() => metrics.informerObjects.set({ resource: 'pods' }, ++objects));
  await metrics.text();
  expect(await metrics.text()).toContain('airfield_informer_objects{resource="pods"} 2');
});
