import type { ObservedPod } from '../../src/api/kubernetes.ts';
import { type Machine, type MachineSpecInput, machineSpecSchema } from '../../src/api/machine.ts';
import { type MachineStatus, machineStatusSchema } from '../../src/api/machine-status.ts';
import { configOf, type MachineOfApp } from '../../src/desired/machine-workload.ts';
import { bornStatus, takenUp } from '../../src/status/machine-run.ts';
import { anApp, aRelease } from './app-fixture.ts';

export const began = new Date('2026-01-01T00:00:00.000Z');

/** A Machine as the operator sees it: what people write, with the defaults filled in. */
export function aMachine(spec: Partial<MachineSpecInput> = {}, more: Partial<Machine['metadata']> = {}): Machine {
  return {
    metadata: {
      name: 'one',
      namespace: 'acme',
      uid: '00000000-0000-0000-0000-000000000002',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...more,
    },
    spec: machineSpecSchema.parse({ app: 'hello', ...spec }),
    status: machineStatusSchema.parse({}),
  };
}

/** A Machine with an App whose first release serves. */
export function ofApp(machine: Machine, app = anApp()): MachineOfApp {
  return { machine, app, release: aRelease(app) };
}

/** The same Machine with its first version and run, which has not started yet. */
export function launched(machine: Machine, now = began): Machine {
  const born = { ...machine, status: bornStatus(machine, now) };
  const of = ofApp(born);
  const status = takenUp(of, configOf(of), now);
  return { ...born, status: status ?? born.status };
}

type ContainerState = NonNullable<
  NonNullable<NonNullable<ObservedPod['status']>['containerStatuses']>[number]['state']
>;

/** A pod of the current run of a Machine whose program is in this state. */
export function aPod(
  { metadata, status }: Machine,
  state: ContainerState,
  more: {
    readonly name?: string;
    readonly phase?: string;
    readonly metadata?: object;
    readonly restartCount?: number;
  } = {},
): ObservedPod {
  const labels = {
    'airfield.dev/machine': metadata.name,
    'airfield.dev/process': 'app',
    'airfield.dev/run': `${status.run?.number}`,
    'airfield.dev/version': status.version ?? '',
  };
  const { name = 'one-1', phase = 'Running', restartCount = 0 } = more;
  const ready = state.running !== undefined;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: metadata.namespace,
      creationTimestamp: '2026-01-01T00:00:01Z',
      labels,
      ...more.metadata,
    },
    spec: { nodeName: 'node-1', containers: [] },
    status: {
      phase,
      podIP: '10.0.0.1',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ name: 'app', image: 'x', imageID: 'x', ready, restartCount, state }],
    },
  } as ObservedPod;
}

/** The state of a program that has ended `second` seconds after the beginning. */
export function exited(exitCode: number, second: number, container = `c${second}`): ContainerState {
  const at = (from: number) => new Date(began.getTime() + from * 1000).toISOString().replace('.000', '');
  return {
    terminated: {
      exitCode,
      startedAt: at(second - 1),
      finishedAt: at(second),
      containerID: `containerd://${container}`,
    },
  };
}

export const running = (second = 2): ContainerState => ({
  running: { startedAt: new Date(began.getTime() + second * 1000).toISOString().replace('.000', '') },
});

/** A Machine with another status. */
export const withStatus = (machine: Machine, status: Partial<MachineStatus>): Machine => ({
  ...machine,
  status: { ...machine.status, ...status },
});
