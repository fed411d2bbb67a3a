import { createHash } from 'node:crypto';
import type { App } from '../api/app.ts';
import type { Machine } from '../api/machine.ts';
import { defaultProcess } from '../api/process.ts';
import { hashOf, type Release, type ReleaseGroup, type ReleaseSpec, releaseSpecSchema } from '../api/release.ts';
import { machineChildName, machineWorkloadName } from './names.ts';
import type { OwnMachine, Workload } from './workloads.ts';

/** A Machine with what it has of its App. */
export interface MachineOfApp {
  readonly machine: Machine;
  readonly app: App;
  /** The release that serves. */
  readonly release: Release;
}

/** What a version of a Machine is made of, as hashes. */
export interface MachineConfig {
  /** Of what its own spec says. */
  readonly own: string;
  /** Of what it has of its App. */
  readonly followed: string;
}

/** Id of a Machine for its whole life, in the form of Fly's. */
export function machineId(uid: string): string {
  return createHash('sha256').update(uid).digest('hex').slice(0, 14);
}

/** The container of the program, and what {@link ReleaseGroup} calls its group. */
export function processGroupOf({ spec }: Pick<Machine, 'spec'>): string {
  return spec.metadata.fly_process_group || defaultProcess;
}

/** `always` is kept running by a Deployment; what may end is a Job. */
export function machineKind({ spec }: Pick<Machine, 'spec'>): 'Deployment' | 'Job' {
  return spec.restart.policy === 'always' ? 'Deployment' : 'Job';
}

/**
 * Hashes of what makes the pod of a Machine. What is not in here may change while it runs: its state, traffic, words of
 * the user's, and all that is said of its volumes but their place.
 */
export function configOf({ machine, release }: MachineOfApp): MachineConfig {
  const { spec } = machine;
  const made = specOf(machine, release.spec);
  const { imagePullSecrets, primaryRegion, network, secrets, image, ...own } = made;
  const { region, tty, dns, restart } = spec;
  return {
    own: hashOf({ ...own, image: spec.image, region, tty, dns, restart }),
    followed: hashOf({ imagePullSecrets, primaryRegion, network, secrets, ...(!spec.image && { image }) }),
  };
}

/** The image that a Machine runs. */
export function imageOf({ machine, release }: MachineOfApp): string {
  return machine.spec.image ?? release.spec.image;
}

/** The region that a Machine should be in; undefined where neither it nor its App names one. */
export function regionOf({ machine, release }: MachineOfApp): string | undefined {
  return machine.spec.region ?? release.spec.primaryRegion;
}

/** A Machine as a workload of one machine. Needs the version and the run of its status. */
export function machineWorkload(of: MachineOfApp): Workload {
  const { machine, app, release } = of;
  const kind = machineKind(machine);
  const { run, version = '' } = machine.status;
  const number = run?.number ?? 0;
  return {
    app,
    release: { ...release, spec: specOf(machine, release.spec), scale: [], services: [], mounts: machine.spec.mounts },
    slot: 'blue',
    role: 'machines',
    group: groupOf(machine),
    region: regionOf(of),
    count: run?.asked === 'started' ? 1 : 0,
    kind,
    // The pods of a Job cannot change, so each run has a Job of its own.
    name: machineWorkloadName(machine.metadata.name, kind === 'Job' ? number : undefined),
    own: { ...identityOf(machine), version, run: number },
  };
}

function identityOf({ metadata, spec }: Machine): Omit<OwnMachine, 'version' | 'run'> {
  const { name, uid } = metadata;
  return { name, id: machineId(uid), tty: spec.tty, dns: spec.dns, claimOf: (mount) => claimName(name, mount) };
}

/** Name of the claim of a mount of a Machine: the same for the next Machine of that name. */
export function claimName(machine: string, mount: string): string {
  return machineChildName(machine, 'volume', mount);
}

/** The environment of the App is left out, as in `fly machine run`. */
function specOf(machine: Machine, ofApp: ReleaseSpec): ReleaseSpec {
  const { imagePullSecrets, primaryRegion, network, secrets } = ofApp;
  const { spec } = machine;
  return releaseSpecSchema.parse({
    ...spec,
    image: spec.image ?? ofApp.image,
    restart: undefined,
    processes: [groupOf(machine)],
    imagePullSecrets,
    primaryRegion,
    network,
    secrets,
  });
}

function groupOf(machine: Machine): ReleaseGroup {
  const { exec, entrypoint, command, vm, sidecars, init } = machine.spec;
  const started = exec ? { entrypoint: exec } : { ...(entrypoint && { entrypoint }), ...(command && { command }) };
  return { name: processGroupOf(machine), ...started, vm, ...(sidecars && { sidecars }), ...(init && { init }) };
}
