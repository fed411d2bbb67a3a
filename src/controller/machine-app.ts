import type { ConditionClaim } from '../api/conditions.ts';
import type { AnyChild } from '../api/kubernetes.ts';
import type { Machine } from '../api/machine.ts';
import { filesTooLarge } from '../desired/files.ts';
import { type MachinePresent, machineChildren } from '../desired/machine.ts';
import type { MachineOfApp } from '../desired/machine-workload.ts';
import type { Settings } from '../desired/settings.ts';
import { onTheWay } from '../status/claims.ts';
import type { Caches } from './caches.ts';
import { releasedApp } from './released.ts';
import { TerminalError } from './terminal-error.ts';

/** What a Machine waits for. */
export interface Waiting {
  readonly claims: ConditionClaim[];
}

/** What a Machine has of its App; it waits where there is no such App, or where that has no release yet. */
export function appOf(machine: Machine, caches: Caches): MachineOfApp | Waiting {
  const { app: name } = machine.spec;
  const { namespace } = machine.metadata;
  const problem = filesTooLarge(machine.spec);
  if (problem) throw new TerminalError('FilesTooLarge', problem);
  const found = releasedApp(caches, namespace, name);
  if (found?.release) return { machine, app: found.app, release: found.release };
  if (found) return { claims: onTheWay('Unknown', 'AppNotReleased', `App ${name} has no release yet`) };
  const message = `App ${name} does not exist in namespace ${namespace}: apply it, and the Machine goes on by itself`;
  return { claims: onTheWay('False', 'AppNotFound', message) };
}

/** What a Machine should become. Undefined where nothing is to be changed: a Machine whose App is gone runs on as it is, until it is stopped. */
export function desiredOf(
  machine: Machine,
  found: MachineOfApp | Waiting,
  present: MachinePresent,
  settings: Settings,
): AnyChild[] | undefined {
  const { state, run } = machine.status;
  if (state === 'destroying') return [];
  if (!('claims' in found)) return machineChildren(found, present, settings);
  return run && run.asked !== 'started' ? [] : undefined;
}
