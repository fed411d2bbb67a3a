import type { Groups } from './processes.ts';
import { given, type Section } from './section.ts';

const unsupported = {
  enable_consul: 'run a Consul of your own and name it in [env]',
  enable_etcd: 'run an etcd of your own and name it in [env]',
  lazy_load_images: 'the container runtime of the node decides how images are loaded',
  attached: 'write what the attached app exports into [env] or a Secret',
  machine_config: 'write its further containers as `sidecars` of a process group in the App',
  allowed_public_ports: 'Fly ignores it too; remove the line',
  private_network: 'Fly ignores it too; remove the line',
};

/** What runs in the machines of a group. */
export interface Program {
  readonly command?: string[];
  readonly entrypoint?: string[];
}

/**
 * The program of each group: its command, else `cmd` of `[experimental]`, with `entrypoint` of `[experimental]`. `exec`
 * there stands for both (flyctl, InitCmd and the fields of `init`).
 */
export function programs(root: Section, { commands }: Groups): (group: string) => Program {
  const section = root.section('experimental');
  section?.unsupported(unsupported);
  const words = (key: string) => (section?.strings(key)?.length ? section.strings(key) : undefined);
  const [cmd, entrypoint, exec] = [words('cmd'), words('entrypoint'), words('exec')];
  if (exec) {
    for (const key of ['cmd', 'entrypoint'])
      if (section?.has(key)) section.overridden(key, '`exec` stands in its place');
  }
  return (group) => {
    const command = commands.get(group);
    return exec ? { entrypoint: exec } : given({ command: command ? [...command] : cmd, entrypoint });
  };
}
