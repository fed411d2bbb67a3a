import type { MachineSpecInput } from '../api/machine.ts';
import { apiVersion } from '../api/meta.ts';
import { labelOf } from './label.ts';
import { containersOf } from './machine-containers.ts';
import type { MachineContext } from './machine-context.ts';
import { machineEnv } from './machine-env.ts';
import { guest } from './machine-guest.ts';
import { machineImage } from './machine-image.ts';
import { lifeOf, restartOf, stopOf, wholeConfigOf } from './machine-life.ts';
import { programOf, terminalAndSwap } from './machine-program.ts';
import { servingOf } from './machine-services.ts';
import { machineFiles, machineMounts } from './machine-storage.ts';
import type { MachineManifest } from './manifest.ts';
import { given, type Section } from './section.ts';

/** The Machine that a machine of Fly becomes. */
export function machineOf(machine: Section, name: string, context: MachineContext): MachineManifest | undefined {
  const config = wholeConfigOf(machine);
  if (!config) return undefined;
  const region = regionOf(machine);
  const containers = containersOf(config, context);
  const { main } = containers;
  const serving = servingOf(config);
  const spec: MachineSpecInput = given({
    app: context.app.metadata.name,
    region: region === context.app.spec.primaryRegion ? undefined : region,
    image: machineImage(main?.has('image') ? main : config, context.images),
    ...programOf(main ?? config.section('init')),
    ...terminalAndSwap(config.section('init')),
    env: environment(config, main, context),
    vm: guest(config),
    mounts: machineMounts(config),
    files: machineFiles(config, context.app.metadata.name, context.secrets),
    ...serving,
    ...given({ sidecars: containers.sidecars, init: containers.init }),
    restart: restartOf(config, serving.services !== undefined),
    ...stopOf(config),
    ...lifeOf(machine, config),
  });
  return { apiVersion, kind: 'Machine', metadata: { ...context.app.metadata, name }, spec };
}

/** That of the machine is for all its containers. */
function environment(config: Section, main: Section | undefined, context: MachineContext): MachineSpecInput['env'] {
  const [all, own] = [machineEnv(config, context), main && machineEnv(main, context)];
  return all || own ? { ...all, ...own } : undefined;
}

function regionOf(machine: Section): string | undefined {
  const region = machine.text('region');
  if (region === undefined || region === labelOf(region)) return region;
  return machine.wrong('region', `must be the name of a region like "iad", not "${region}"`);
}
