import type { App } from '../api/app.ts';
import type { MachineSpecInput } from '../api/machine.ts';
import { apiVersion } from '../api/meta.ts';
import { appliesTo, defaultGroup, groupsOf } from '../desired/groups.ts';

/** Process group of machines that are made for a console, so that they are in none of the App's. */
export const consoleGroup = 'console';

/** For how long it waits for somebody, in seconds; when nobody takes it away it does so itself. */
const longest = 8 * 3600;

export interface ConsoleOptions {
  readonly name: string;
  /** Whose size and files it has. Default: the default group. */
  readonly process?: string | undefined;
  readonly region?: string | undefined;
  readonly size?: string | undefined;
}

/** A Machine with the image, environment, secrets and files of an App, which does nothing and gets no traffic. */
export function consoleMachine({ metadata, spec }: App, { name, process, region, size }: ConsoleOptions) {
  const group = process ?? defaultGroup(spec);
  const { vm } = groupsOf<{ name: string; vm?: MachineSpecInput['vm'] }>(spec).find((one) => one.name === group) ?? {};
  const files = spec.files.filter((file) => appliesTo(spec, file, group));
  const machine: MachineSpecInput = {
    app: metadata.name,
    ...(region && { region }),
    exec: ['sleep', `${longest}`],
    env: spec.env,
    ...((size ?? vm) && { vm: size ? { size } : vm }),
    ...(files.length > 0 && { files: files.map(({ processes: _, ...file }) => file) }),
    restart: { policy: 'no' },
    autoDestroy: true,
    // `sleep` heeds nothing else when it is the first process.
    killSignal: 'SIGKILL',
    metadata: { fly_process_group: consoleGroup },
    dns: { skipRegistration: true },
  } as MachineSpecInput;
  return { apiVersion, kind: 'Machine', metadata: { name, namespace: metadata.namespace }, spec: machine };
}
