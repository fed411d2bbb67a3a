import { mkdir, readdir, readFile } from 'node:fs/promises';
import { type Daemon, isAlive, startDaemon, startTimeOf, stopDaemon } from '../daemon.ts';
import { Fatal, tail, until } from '../exec.ts';
import type { NodePlan } from './plan.ts';

/**
 * A node's machine: network, mount and process namespaces of its own on this host's file system, with a private
 * /run, /var/lib and /var/log. When its first process is killed, the kernel ends every process inside and takes
 * away every mount, address and rule: that is what makes `down` complete.
 */
export interface Machine {
  readonly plan: NodePlan;
  /** `unshare`, which takes the first process with it when it dies. */
  readonly holder: Daemon;
  /** Process number of the first process, as this host sees it. */
  readonly pid: number;
}

// The kubelet sets these for the whole host. It finds files that already say what it wants, and leaves the host alone.
const tunables = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

const boot = `set -e
mount --make-rshared /
mount -t tmpfs tmpfs /run
mount --bind "$1/log" /var/log
mount --bind "$1/lib" /var/lib
n=0
for pair in ${Object.entries(tunables)
  .map(([name, value]) => `${name}=${value}`)
  .join(' ')}; do
  n=$((n + 1))
  if [ -e "/proc/sys/\${pair%%=*}" ]; then echo "\${pair#*=}" > /run/tunable-$n; mount --bind /run/tunable-$n "/proc/sys/\${pair%%=*}"; fi
done
ip link set lo up
echo 1 > /proc/sys/net/ipv4/ip_forward
touch /run/booted
exec tini -- sleep infinity
`;

const marker = 'airfield-node';

export async function startMachine(plan: NodePlan): Promise<Machine> {
  for (const folder of ['log', 'lib', 'etc']) await mkdir(`${plan.dir}/${folder}`, { recursive: true });
  const unshare = ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const argv = [...unshare, 'sh', '-c', boot, marker, plan.dir];
  const { child: _, ...holder } = await startDaemon(`${plan.name} machine`, argv, `${plan.dir}/log/machine.log`);
  const pid = await until(
    `machine of ${plan.name}`,
    async () => {
      if (!(await isAlive(holder)))
        throw new Fatal(`${plan.name} does not start:\n${tail(await readFile(holder.log, 'utf8'))}`);
      const [first] = await childrenOf(holder.pid);
      const name = first && (await readFile(`/proc/${first}/comm`, 'utf8')).trim();
      return name === 'tini' ? first : undefined;
    },
    10_000,
    20,
  );
  return { plan, holder, pid: pid as number };
}

/** The machine of a holder that runs already, or undefined. */
export async function attach(plan: NodePlan): Promise<Machine | undefined> {
  const [holder] = await findHolders(plan.dir);
  const [pid] = holder ? await childrenOf(holder.pid) : [];
  return holder && pid ? { plan, holder: { ...holder, log: `${plan.dir}/log/machine.log` }, pid } : undefined;
}

/** Command line that runs a command inside a machine. */
export const inside = (machine: Machine, argv: readonly string[]): string[] => [
  'nsenter',
  `--target=${machine.pid}`,
  '--mount',
  '--net',
  '--pid',
  '--',
  ...argv,
];

/** Starts a component inside a machine. */
export const startInside = (machine: Machine, name: string, argv: readonly string[], ipc = false) =>
  startDaemon(name, inside(machine, argv), `${machine.plan.dir}/log/${name.split('/').at(-1)}.log`, { ipc });

/** Ends the machine in `dir` and everything in it, also one that a killed `up` never recorded. */
export async function stopMachine(dir: string): Promise<void> {
  for (const holder of await findHolders(dir)) {
    const first = await childrenOf(holder.pid);
    const inits = await Promise.all(
      first.map(async (pid) => ({ name: 'machine', pid, startTime: (await startTimeOf(pid)) ?? '' })),
    );
    for (const init of inits) await stopDaemon(init, 'SIGKILL');
    await stopDaemon(holder, 'SIGKILL');
  }
}

/** Holders are found by their command line, which names the folder: it needs no record and survives any crash. */
async function findHolders(dir: string): Promise<Daemon[]> {
  const holders: Daemon[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const argv = await readFile(`/proc/${entry}/cmdline`, 'utf8')
      .then((text) => text.split('\0'))
      .catch(() => [] as string[]);
    const at = argv.indexOf(marker);
    if (argv[0] !== 'unshare' || at < 0 || argv[at + 1] !== dir) continue;
    holders.push({ name: 'machine', pid: Number(entry), startTime: (await startTimeOf(Number(entry))) ?? '', log: '' });
  }
  return holders;
}

export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}
