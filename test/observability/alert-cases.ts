/** Series by their values, a minute apart, in promtool's notation: `0x5 1x30`. */
export type Series = Readonly<Record<string, string>>;

export interface AlertCase {
  /** Where it fires at `at`, with these labels beside `severity`. */
  readonly fires: Series;
  readonly at: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where it does not, at the same time: much like the other, but as it should be. Each by itself. */
  readonly quiet: readonly Series[];
}

const web = 'namespace="acme",app="web"';
const labels = { namespace: 'acme', app: 'web' };
const operator = 'job="operator",instance="a"';
const backup = `${web},schedule="backup"`;
const scheduleLabels = { ...labels, schedule: 'backup' };
const claim = 'namespace="acme",persistentvolumeclaim="data"';
const volumeLabels = { ...labels, persistentvolumeclaim: 'data' };
const day = 86_400;
const ready = (value: number) => ({ [`airfield_app_ready{${web}}`]: `${value}x60` });
const machines = (state: string, number: number) => ({
  [`airfield_app_machines{${web},process="app",state="${state}"}`]: `${number}x60`,
});
const requests = (ok: number, failing: number) => ({
  [`airfield_gate_requests_total{${web},port="80",code="2xx",instance="a"}`]: `0+${ok}x60`,
  [`airfield_gate_requests_total{${web},port="80",code="5xx",instance="a"}`]: `0+${failing}x60`,
});
const volume = (used: number) => ({
  [`kubelet_volume_stats_used_bytes{${claim},node="n"}`]: `${used}x60`,
  [`kubelet_volume_stats_capacity_bytes{${claim},node="n"}`]: '100x60',
  [`airfield_volume_info{${web},persistentvolumeclaim="data",instance="a"}`]: '1x60',
});
const nextRun = (values: string) => ({ [`airfield_schedule_next_run_timestamp_seconds{${backup}}`]: values });
const lastRun = (values: string) => ({ [`airfield_schedule_last_run_timestamp_seconds{${backup}}`]: values });
const holds = (type: string, values: string) => ({
  [`airfield_app_condition{${web},type="${type}",reason="R"}`]: values,
});
const expiry = (seconds: number) => ({
  [`airfield_certificate_expiry_timestamp_seconds{${web},host="a.example"}`]: `${seconds}x120`,
});

/** Every alert of the chart. Time begins at 1970. */
export const alertCases: Readonly<Record<string, AlertCase>> = {
  AirfieldAppDown: {
    fires: { ...ready(0), ...machines('ready', 0), ...machines('failed', 2) },
    at: '6m',
    labels,
    quiet: [
      { ...ready(1), ...machines('ready', 0), ...machines('stopped', 2) },
      { ...ready(0), ...machines('ready', 1) },
      { [`airfield_app_ready{${web}}`]: '0x3 1x60', ...machines('ready', 0) },
    ],
  },
  AirfieldAppNotReady: {
    fires: ready(0),
    at: '16m',
    labels,
    quiet: [ready(1), { [`airfield_app_ready{${web}}`]: '0x10 1 0x10' }],
  },
  AirfieldMachinesFailing: {
    fires: machines('failed', 2),
    at: '11m',
    labels: { ...labels, process: 'app' },
    quiet: [{ ...machines('failed', 0), ...machines('starting', 2) }],
  },
  AirfieldReleaseFailed: {
    fires: { [`airfield_app_release_failed{${web}}`]: '0x3 1x10' },
    at: '6m',
    labels,
    quiet: [{ [`airfield_app_release_failed{${web}}`]: '1x3 0x10' }],
  },
  AirfieldRequestsFailing: {
    fires: requests(90, 10),
    at: '11m',
    labels,
    // Some failures are no trouble, nor is the only request of an hour.
    quiet: [requests(970, 30), requests(0, 1)],
  },
  AirfieldRequestsHeld: {
    fires: { [`airfield_gate_held{${web},route="r"}`]: '0x3 1x10' },
    at: '8m',
    labels,
    quiet: [{ [`airfield_gate_held{${web},route="r"}`]: '5 5 _x1 stale 3 _x1 stale 4 4' }],
  },
  AirfieldRequestsQueued: {
    fires: { [`airfield_gate_queued{${web},route="r"}`]: '3x20' },
    at: '11m',
    labels,
    quiet: [{ [`airfield_gate_queued{${web},route="r"}`]: '3x5 0 3x9' }],
  },
  AirfieldMachinesRefuseConnections: {
    fires: { [`airfield_gate_errors_total{${web},port="80",error="connect"}`]: '0+5x20' },
    at: '12m',
    labels,
    quiet: [{ [`airfield_gate_errors_total{${web},port="80",error="client"}`]: '0+5x20' }],
  },
  AirfieldDomainsImpaired: {
    fires: holds('DomainsImpaired', '1x60'),
    at: '31m',
    labels,
    quiet: [holds('Unrealised', '1x60'), holds('DomainsImpaired', '1x20 stale')],
  },
  AirfieldCertificateExpiresSoon: {
    fires: expiry(13 * day),
    at: '62m',
    labels: { ...labels, host: 'a.example' },
    quiet: [expiry(20 * day)],
  },
  AirfieldCertificateExpires: {
    fires: expiry(2 * day),
    at: '12m',
    labels: { ...labels, host: 'a.example' },
    quiet: [expiry(13 * day)],
  },
  AirfieldScheduleRunFailed: {
    fires: { [`airfield_schedule_last_run_failed{${backup}}`]: '0 1x9' },
    at: '5m',
    labels: scheduleLabels,
    quiet: [{ [`airfield_schedule_last_run_failed{${backup}}`]: '1 0x9' }],
  },
  AirfieldScheduleLate: {
    // It is due once an hour, at the minute 10: the operator tells of the next one as soon as that has passed.
    fires: { ...nextRun('600x10 4200x50'), ...lastRun('0x60') },
    at: '23m',
    labels: scheduleLabels,
    quiet: [
      { ...nextRun('600x10 4200x50'), ...lastRun('0x10 605x50') },
      { ...nextRun('4200x60'), ...lastRun('0x60') },
      // It was suspended.
      { ...nextRun('600x8 stale'), ...lastRun('0x60') },
    ],
  },
  AirfieldScheduleNotReady: {
    fires: { [`airfield_schedule_ready{${backup}}`]: '0x20' },
    at: '16m',
    labels: scheduleLabels,
    quiet: [{ [`airfield_schedule_ready{${backup}}`]: '1x20' }],
  },
  AirfieldVolumeFilling: {
    fires: volume(90),
    at: '11m',
    labels: volumeLabels,
    quiet: [
      volume(80),
      { ...volume(90), [`airfield_volume_info{${web},persistentvolumeclaim="data",instance="a"}`]: '_x60' },
    ],
  },
  AirfieldVolumeFull: {
    fires: { [`airfield_volume_used_ratio{${web},persistentvolumeclaim="data"}`]: '0.97x20' },
    at: '4m',
    labels: volumeLabels,
    quiet: [volume(90)],
  },
  AirfieldVolumesImpaired: {
    fires: holds('VolumesImpaired', '1x60'),
    at: '16m',
    labels,
    quiet: [holds('DomainsImpaired', '1x60')],
  },
  AirfieldGatesDown: {
    fires: { 'airfield_gates{ready="true",instance="a"}': '2x3 0x10' },
    at: '6m',
    labels: {},
    // There are to be none.
    quiet: [{ 'airfield_gates{ready="true",instance="a"}': '1x10' }, { 'airfield_app_ready{}': '1x10' }],
  },
  AirfieldGateNotReady: {
    fires: { 'airfield_gates{ready="false",instance="a"}': '1x20' },
    at: '11m',
    labels: {},
    quiet: [{ 'airfield_gates{ready="false",instance="a"}': '1x5 0 1x9' }],
  },
  AirfieldGateWithoutHaproxy: {
    fires: { 'airfield_gate_haproxy_up{instance="g"}': '1x3 0x9' },
    at: '6m',
    labels: { instance: 'g' },
    quiet: [{ 'airfield_gate_haproxy_up{instance="g"}': '0 1x9' }],
  },
  AirfieldGateProblems: {
    fires: { 'airfield_gate_problems{instance="g"}': '2x20' },
    at: '16m',
    labels: { instance: 'g' },
    quiet: [{ 'airfield_gate_problems{instance="g"}': '2x9 0x9' }],
  },
  AirfieldWakesFail: {
    fires: { 'airfield_gate_wakes_total{outcome="error",instance="g"}': '0+3x20' },
    at: '12m',
    labels: {},
    quiet: [
      { 'airfield_gate_wakes_total{outcome="started",instance="g"}': '0+30x20' },
      { 'airfield_gate_wakes_total{outcome="error",instance="g"}': '0x5 3x20' },
    ],
  },
  AirfieldOperatorDown: {
    fires: { 'airfield_gate_routes{}': '1x20' },
    at: '6m',
    labels: {},
    quiet: [{ 'airfield_operator_leading{instance="b"}': '0x20' }],
  },
  AirfieldOperatorNotLeading: {
    fires: { 'airfield_operator_leading{instance="a"}': '0x20', 'airfield_operator_leading{instance="b"}': '0x20' },
    at: '4m',
    labels: {},
    quiet: [{ 'airfield_operator_leading{instance="a"}': '0x20', 'airfield_operator_leading{instance="b"}': '1x20' }],
  },
  AirfieldReconcilesFail: {
    fires: {
      [`controller_runtime_reconcile_errors_total{${operator},controller="app"}`]: '0+2x60',
      [`airfield_operator_leading{${operator}}`]: '1x60',
    },
    at: '32m',
    labels: { controller: 'app' },
    quiet: [
      // That of somebody else's operator.
      {
        'controller_runtime_reconcile_errors_total{job="other",instance="a",controller="app"}': '0+9x60',
        [`airfield_operator_leading{${operator}}`]: '1x60',
      },
      {
        [`controller_runtime_reconcile_errors_total{${operator},controller="app"}`]: '0x9 5x60',
        [`airfield_operator_leading{${operator}}`]: '1x60',
      },
    ],
  },
  AirfieldWatchStale: {
    fires: { [`airfield_informer_stale{${operator},resource="pods"}`]: '1x9' },
    at: '3m',
    labels: { job: 'operator', instance: 'a', resource: 'pods' },
    quiet: [{ [`airfield_informer_stale{${operator},resource="pods"}`]: '1 0x9' }],
  },
  AirfieldOperatorStuck: {
    fires: {
      [`workqueue_longest_running_processor_seconds{${operator},name="app"}`]: '0+60x30',
      [`airfield_operator_leading{${operator}}`]: '1x30',
    },
    at: '12m',
    labels: { name: 'app' },
    quiet: [
      {
        [`workqueue_longest_running_processor_seconds{${operator},name="app"}`]: '200x30',
        [`airfield_operator_leading{${operator}}`]: '1x30',
      },
      {
        'workqueue_longest_running_processor_seconds{job="other",instance="a",name="app"}': '0+60x30',
        [`airfield_operator_leading{${operator}}`]: '1x30',
      },
    ],
  },
};
