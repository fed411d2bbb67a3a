import { isTable, partsOf, type TomlValue } from './parse.ts';
import { type Path, pathText } from './path.ts';
import type { Report } from './report.ts';
import type { Remark } from './verdict.ts';

const notSupported = (instead: string): Remark => ({ name: 'notSupported', message: `is not converted: ${instead}` });
const notNeeded = (why: string): Remark => ({ name: 'notNeeded', message: `is not needed: ${why}` });

const kernel = notSupported('the kernel is that of the node');
const rootFiles = notSupported('files outside of a mount go with the container: mount a volume where they must stay');
const resolver = notSupported("names are found by the cluster's DNS: ask those who run it");
const containerOnly = (what: string) =>
  notSupported(`a sidecar has ${what} of its machine: write it there, or make it a Machine of its own`);

const ofContainer: Remark = { name: 'overridden', message: 'is not converted: that of a container goes before it' };

/** What becomes of the fields of Fly's machine config that a Machine has nothing for. */
export const machineKeys: Readonly<Record<string, Remark>> = {
  'config.image': ofContainer,
  'config.init.exec': ofContainer,
  'config.init.entrypoint': ofContainer,
  'config.init.cmd': ofContainer,
  'config.init.kernel_args': kernel,
  'config.guest.kernel_args': kernel,
  'config.guest.max_memory_mb': notSupported(
    'memory is requested and limited alike: write what it may use as vm.memory',
  ),
  'config.guest.host_dedication_id': notNeeded('Kubernetes chooses the node of a machine'),
  'config.guest.persist_rootfs': rootFiles,
  'config.rootfs': rootFiles,
  'config.cache_drive': notSupported('what is cached outside of a mount goes with the container'),
  'config.spot': notSupported('the price of nodes is for those who run the cluster'),
  'config.processes': notSupported('a machine runs one program: write the others as sidecars'),
  'config.volumes': notSupported('sidecars have the mounts of their machine: write `mounts`'),
  'config.disable_machine_autostart': notSupported('write `autoStart: false` in the services of the machine'),
  'config.mounts[].encrypted': notNeeded('encryption is for the storage class to do'),
  'config.mounts[].volume': notNeeded('the volume is made anew and empty: copy into it what is on the one at Fly'),
  'config.files[].mode': notSupported('all may read a file, and nobody may run it'),
  'config.files[].image_config': notSupported('write the content of the file'),
  'config.dns.dns_forward_rules': resolver,
  'config.dns.hostname': notSupported('the host name of a machine is its id'),
  'config.dns.hostname_fqdn': notSupported('the host name of a machine is its id'),
  'config.statics[].tigris_bucket': notSupported('serve the files by the program'),
  'config.statics[].index_document': notSupported('serve the files by the program'),
  'config.services[].force_instance_key': notNeeded('requests reach every machine that is ready'),
  'config.services[].force_instance_description': notNeeded('requests reach every machine that is ready'),
  'config.containers[].user': notSupported('a container runs as the user of its image: build it with another'),
  'config.containers[].files': containerOnly('the files'),
  'config.containers[].mounts': containerOnly('the mounts'),
  'config.containers[].restart': containerOnly('the restart policy'),
  'config.containers[].stop': containerOnly('the kill signal and timeout'),
  'config.containers[].healthchecks': notSupported('write `checks` of the machine or of its services'),
  'config.containers[].depends_on': notSupported('all sidecars start at once: let the program wait'),
  'config.containers[].env_from': notSupported('the variables FLY_… of the machine are there'),
};

const inMachine = (what: string) =>
  notSupported(`a run of a Schedule has no ${what}: make it an App or a Machine if it needs it`);

/** The same of what a Schedule has nothing for. */
export const scheduleKeys: Readonly<Record<string, Remark>> = {
  ...machineKeys,
  'config.mounts': inMachine('volumes'),
  'config.services': inMachine('services'),
  'config.checks': inMachine('checks'),
  'config.metrics': inMachine('metrics'),
  'config.statics': inMachine('services'),
  'config.containers': inMachine('sidecars'),
  'config.standbys': notNeeded('Kubernetes starts runs on any node'),
  'config.dns': inMachine('DNS settings of its own'),
  'config.stop_config': notSupported('a run has the kill signal and timeout of the App: write them there'),
  'config.files': notSupported('a run has the files of its process group: write `files` of the App'),
  'config.init.tty': notNeeded('nobody is at the terminal of a run'),
  'config.init.swap_size_mb': notSupported('there is no swap: write `vm.memory` of the Schedule'),
  'config.auto_destroy': notNeeded('a Schedule keeps the runs that `keep` says'),
  'config.restart.policy': notSupported('a run that failed is tried again as `retries` says'),
  'config.metadata': notNeeded('a Schedule has labels and annotations'),
  region: notSupported('runs are in the primary region of the App, where nodes have room'),
  state: notNeeded('a Schedule has runs'),
  cordoned: notNeeded('a run has no services'),
};

/** What is of a machine as it runs, and not of its config. */
const status = new Set(
  'id name app app_name image_ref instance_id version private_ip created_at updated_at events checks nonce host_status containers'.split(
    ' ',
  ),
);

/** Says what becomes of every field of a machine, which is at `at`, that nobody has read. */
export function sayUnread(
  report: Report,
  value: TomlValue,
  at: Path,
  remarks: Readonly<Record<string, Remark>>,
  own: Path = [],
): void {
  const path = [...at, ...own];
  if (report.isDone(path) || !saysSomething(value) || (own.length === 1 && status.has(`${own[0]}`))) return;
  const isRead = report.wasRead(path);
  const remark = isRead ? undefined : remarks[patternOf(own)];
  if (remark) report.warn(remark.name, path, remark.message);
  else if (report.wasOpened(path))
    for (const [part, item] of partsOf(value)) sayUnread(report, item, at, remarks, [...own, part]);
  else if (!isRead)
    report.warn('unknownKey', path, 'is not converted: it is not a field of a machine that Airfield knows');
}

/** `config.services[].ports` for `['config', 'services', 0, 'ports']`. */
function patternOf(path: Path): string {
  return pathText(path).replace(/\[\d+\]/g, '[]');
}

/** What Go writes for nothing says nothing. */
function saysSomething(value: TomlValue): boolean {
  if (Array.isArray(value)) return value.some(saysSomething);
  if (isTable(value)) return Object.values(value).some(saysSomething);
  return value !== '' && value !== false && value !== 0;
}
