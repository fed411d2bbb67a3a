import type { Machine } from '../api/machine.ts';
import type { MachineRun, MachineState, MachineStatus } from '../api/machine-status.ts';
import { restartedAtAnnotation } from '../api/meta.ts';
import { imageOf, type MachineConfig, type MachineOfApp, machineId, regionOf } from '../desired/machine-workload.ts';
import { ulid } from '../desired/ulid.ts';
import { type Happened, inState, milliTime, withEvent } from './machine-events.ts';
import { isEdge } from './machine-states.ts';

/** What somebody wants of a Machine that has not been begun yet. */
interface Wanted {
  readonly type: 'launch' | 'update' | 'start' | 'restart';
  /** State that it goes to, where it can from the one that it is in. */
  readonly via: MachineState;
  readonly source: Happened['source'];
}

/** The status of a Machine that has not been looked at before. */
export function bornStatus({ metadata, status }: Pick<Machine, 'metadata' | 'status'>, now: Date): MachineStatus {
  if (status.id) return status;
  const created = metadata.creationTimestamp ? new Date(metadata.creationTimestamp) : now;
  const createdAt = milliTime(created);
  const born: MachineStatus = { ...status, id: machineId(metadata.uid), createdAt, updatedAt: createdAt };
  const event: Happened = { type: 'launch', status: 'created', source: 'user', at: createdAt };
  return withEvent(inState(born, 'created', now), event, now);
}

/**
 * The status after something that was asked for has been taken up: a start, a stop, a restart, an update; undefined where
 * nothing new is asked for. It is written before anything is done about it, so that whoever goes on from there, after a
 * crash as well, does that and not the same thing once more.
 */
export function takenUp(of: MachineOfApp, config: MachineConfig, now: Date): MachineStatus | undefined {
  const { machine } = of;
  const { status } = machine;
  const { run } = status;
  if (status.state === 'destroying' || status.state === 'destroyed') return undefined;
  const wanted = wantedOf(machine, config);
  if (wanted) return begun(of, config, wanted, now);
  const stop = stopTakenUp(machine, now);
  if (stop) return stop;
  // A stopped machine is not restarted, and not later either.
  const restartedAt = restartedAtOf(machine);
  if (run && restartedAt !== run.restartedAt) return { ...status, run: withRestart(run, restartedAt) };
  return undefined;
}

function wantedOf(machine: Machine, config: MachineConfig): Wanted | undefined {
  const { status, spec } = machine;
  const { run } = status;
  if (!run || !status.version) return { type: 'launch', via: 'created', source: 'user' };
  const [own, followed] = (status.configHash ?? '').split('.');
  const wantsRun = spec.state === 'started';
  if (own !== config.own) return { type: 'update', via: 'replacing', source: 'user' };
  // A program that may end is not disturbed in its work; it has what is new of its App from its next start on.
  const follows = wantsRun && run.asked === 'started' && spec.restart.policy === 'always';
  if (follows && followed !== config.followed) return { type: 'update', via: 'replacing', source: 'operator' };
  if (wantsRun && run.asked !== 'started') return { type: 'start', via: 'starting', source: 'user' };
  const isRestarted = restartedAtOf(machine) !== undefined && restartedAtOf(machine) !== run.restartedAt;
  if (!wantsRun || !isRestarted) return undefined;
  return { type: 'restart', via: status.state === 'started' ? 'stopping' : 'starting', source: 'user' };
}

/** On Fly a restart keeps the version, and so does a start; unless the App has something new for the machine by then. */
function begun(of: MachineOfApp, config: MachineConfig, wanted: Wanted, now: Date): MachineStatus {
  const { machine, release } = of;
  const { metadata, spec } = machine;
  const { exitCode: _, ...status } = machine.status;
  const configHash = `${config.own}.${config.followed}`;
  const isNew = !status.version || status.configHash !== configHash;
  const region = regionOf(of);
  const next: MachineStatus = {
    ...status,
    run: withRestart(
      { number: (status.run?.number ?? 0) + 1, asked: spec.state, ended: false },
      restartedAtOf(machine),
    ),
    version: isNew ? ulid(now, `${metadata.uid}/${metadata.generation}`) : status.version,
    configHash,
    image: imageOf(of),
    release: release.version,
    ...(region && { region }),
    ...(isNew && { restarts: 0 }),
    ...(isNew && wanted.type !== 'launch' && { updatedAt: milliTime(now) }),
  };
  if (wanted.type === 'launch') return next;
  return moved(next, { type: wanted.type, source: wanted.source }, wanted.via, now);
}

/** The status after a stop that was asked for has been taken up, which needs no App; undefined where none is. */
export function stopTakenUp({ status, spec }: Machine, now: Date): MachineStatus | undefined {
  const { run } = status;
  if (!run || spec.state === 'started' || run.asked === spec.state) return undefined;
  const next: MachineStatus = { ...status, run: { ...run, asked: spec.state } };
  const type = spec.state === 'suspended' ? 'suspend' : 'stop';
  const isOver = status.state === 'stopped' || status.state === 'created' || status.state === 'suspended';
  return isOver ? next : moved(next, { type, source: 'user' }, 'stopping', now);
}

function moved(status: MachineStatus, event: Omit<Happened, 'status'>, via: MachineState, now: Date): MachineStatus {
  const { state = 'created' } = status;
  const after = isEdge(state, via) ? via : state;
  return withEvent(inState(status, after, now), { ...event, status: after }, now);
}

function restartedAtOf({ metadata }: Machine): string | undefined {
  return metadata.annotations?.[restartedAtAnnotation]?.slice(0, 64);
}

function withRestart({ restartedAt: _, ...run }: MachineRun, restartedAt: string | undefined): MachineRun {
  return { ...run, ...(restartedAt !== undefined && { restartedAt }) };
}
