import { wholeSeconds } from '../api/duration.ts';
import type { Container, PodSpec } from '../api/kubernetes.ts';
import type { ReleaseSpec } from '../api/release.ts';
import type { Mounted } from './files.ts';
import { servicesOf } from './groups.ts';
import type { Settings } from './settings.ts';
import { stopConfigMapName } from './stop-config-map.ts';
import type { Workload } from './workloads.ts';

type Machine = Pick<Workload, 'release' | 'group'>;
type KillSignal = ReleaseSpec['killSignal'];

/** What Linux calls the signals, on all architectures that Kubernetes runs on. */
const signalNumbers: Readonly<Record<KillSignal, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGTERM: 15,
  SIGWINCH: 28,
};

const stopFolder = '/.airfield';

/**
 * Seconds for which a machine goes on serving after Kubernetes has begun to withdraw its address. Every node and proxy
 * learns of it at its own time, so a program that stops at once would refuse requests that are still on their way.
 */
function drainSeconds({ release, group }: Machine, settings: Settings): number {
  return servicesOf(release.spec, group.name).length > 0 ? settings.drainSeconds : 0;
}

/**
 * Seconds that a machine has to stop: those of draining, then `killTimeout`. SIGKILL asks for nothing, so there is
 * nothing to wait for. At least one: with 0 the API server forgets a pod while its program may still be running
 * (https://kubernetes.io/docs/tasks/run-application/force-delete-stateful-set-pod/).
 */
export function gracePeriodSeconds(machine: Machine, settings: Settings): number {
  const { killSignal, killTimeout } = machine.release.spec;
  const toStop = killSignal === 'SIGKILL' ? 0 : wholeSeconds(killTimeout);
  return Math.max(1, drainSeconds(machine, settings) + toStop);
}

/**
 * Drains a machine, then sends `killSignal` to its program. Kubernetes itself sends the stop signal of the image, SIGTERM
 * as a rule, when the hook is over; so a hook that sends another signal stays until the program has ended.
 */
export function lifecycle(machine: Machine, settings: Settings): Pick<Container, 'lifecycle'> {
  const { killSignal } = machine.release.spec;
  const drain = drainSeconds(machine, settings);
  const preStop = hookSends(killSignal, settings)
    ? { exec: { command: stopCommand(killSignal, drain, settings.stopHook) } }
    : drain > 0 && { sleep: { seconds: drain } };
  const stopSignal = settings.stopHook === 'native' && killSignal;
  if (!preStop && !stopSignal) return {};
  return { lifecycle: { ...(preStop && { preStop }), ...(stopSignal && { stopSignal }) } };
}

/** What a pod must have for {@link lifecycle} beside it. Kubernetes takes `stopSignal` only where `os` is said. */
export function stopRequirements(settings: Settings): Pick<PodSpec, 'os'> {
  return settings.stopHook === 'native' ? { os: { name: 'linux' } } : {};
}

/** The program of `stop-program.ts`, where the machine is stopped by it. */
export function stopProgramMount({ release }: Machine, settings: Settings): Mounted {
  const { stopHook } = settings;
  const isProgram = stopHook === 'amd64' || stopHook === 'arm64';
  if (!isProgram || !hookSends(release.spec.killSignal, settings)) return { volumes: [], volumeMounts: [] };
  const items = [{ key: 'stop', path: 'stop' }];
  return {
    volumes: [{ name: stopConfigMapName, configMap: { name: stopConfigMapName, defaultMode: 0o555, items } }],
    volumeMounts: [{ name: stopConfigMapName, mountPath: stopFolder, readOnly: true }],
  };
}

/** SIGTERM is what Kubernetes sends anyway, and SIGKILL from inside does nothing to process 1. */
function hookSends(killSignal: KillSignal, { stopHook }: Settings): boolean {
  return stopHook !== 'native' && killSignal !== 'SIGTERM' && killSignal !== 'SIGKILL';
}

function stopCommand(killSignal: KillSignal, drain: number, stopHook: Settings['stopHook']): string[] {
  if (stopHook !== 'shell') return [`${stopFolder}/stop`, `${signalNumbers[killSignal]}`, `${drain}`];
  const wait = drain > 0 ? `sleep ${drain}; ` : '';
  return ['/bin/sh', '-c', `${wait}kill -s ${killSignal.slice(3)} 1; while kill -0 1 2>/dev/null; do sleep 0.1; done`];
}
