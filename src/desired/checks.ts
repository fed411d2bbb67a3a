import type { AppSpec } from '../api/app.ts';
import type { AppCheck } from '../api/check.ts';
import { seconds } from '../api/duration.ts';
import type { ObservedPod } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import type { AppService } from '../api/service.ts';
import { appliesTo } from './groups.ts';

/** A machine that runs and has an address. */
export interface CheckedMachine {
  readonly name: string;
  readonly address: string;
  /** When its program was started last, in milliseconds since 1970. */
  readonly startedAt: number;
}

/** What a check of an App asks, with its defaults. */
export interface AskedCheck
  extends Pick<AppCheck, 'type' | 'protocol' | 'method' | 'path' | 'headers' | 'tlsSkipVerify' | 'tlsServerName'> {
  readonly name: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly intervalMs: number;
  /** How long after its start a machine may fail. */
  readonly graceMs: number;
}

/** A check of an App, with the machines that it is about. */
export interface MachineCheck extends AskedCheck {
  readonly machines: readonly CheckedMachine[];
}

/** Bounds of the durations of a check of an App, in milliseconds: those of Fly, where the CRD does not refuse before. */
const bounds = { interval: 2_000, timeout: 60_000 } as const;

/** What says what is to be asked: the spec of an App, or that of a Machine. */
export interface Checked {
  readonly checks: readonly AppCheck[];
  readonly services: readonly Pick<AppService, 'internalPort'>[];
  readonly processes?: AppSpec['processes'];
}

/** The port of a check: its own, else that of the first service; undefined where there is none. */
export function portOf({ services }: Pick<Checked, 'services'>, { port }: Pick<AppCheck, 'port'>): number | undefined {
  return port ?? services[0]?.internalPort;
}

/** The ports that checks are about. */
export function checkedPorts(spec: Pick<Checked, 'services' | 'checks'>): number[] {
  const ports = spec.checks.map((check) => portOf(spec, check)).filter((port) => port !== undefined);
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** What is to be asked of which machines: of all that run, whichever release they are of, and whether they serve or not. */
export function machineChecks(spec: Checked, pods: readonly ObservedPod[]): MachineCheck[] {
  if (spec.checks.length === 0) return [];
  const running = pods.flatMap(runningMachine);
  return spec.checks.flatMap(({ processes, interval, timeout, gracePeriod, ...check }): MachineCheck[] => {
    const port = portOf(spec, check);
    if (port === undefined) return [];
    const checked = running.filter(({ group }) => appliesTo(spec, { processes }, group));
    return [
      {
        ...check,
        port,
        timeoutMs: Math.min(milliseconds(timeout), bounds.timeout),
        intervalMs: Math.max(milliseconds(interval), bounds.interval),
        graceMs: milliseconds(gracePeriod ?? '0s'),
        machines: checked.map(({ machine }) => machine),
      },
    ];
  });
}

function runningMachine({ metadata, status }: ObservedPod): { group: string; machine: CheckedMachine }[] {
  const group = metadata.labels?.[label.process];
  const address = status?.podIP;
  if (!group || !address || metadata.labels?.[label.role] || metadata.deletionTimestamp) return [];
  // The container of the machine itself has the name of its group.
  const program = status.containerStatuses?.find(({ name }) => name === group)?.state?.running;
  if (!program) return [];
  const startedAt = Date.parse(program.startedAt ?? metadata.creationTimestamp ?? '') || 0;
  return [{ group, machine: { name: metadata.name, address, startedAt } }];
}

const milliseconds = (duration: string) => Math.round(seconds(duration) * 1000);
