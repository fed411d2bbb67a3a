import { existsSync } from 'node:fs';
import { run, succeeds } from '../exec.ts';
import type { Progress } from '../progress.ts';

/** Debian's package for each thing the nodes need, by a file or command that shows it is there. */
const needed: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  '/usr/lib/cni/ptp': 'containernetworking-plugins',
  iptables: 'iptables',
  nft: 'nftables',
  conntrack: 'conntrack',
  ip: 'iproute2',
  tini: 'tini',
  mount: 'mount',
  nsenter: 'util-linux',
};

/** What the CSI storage class needs besides. */
const neededByStorage: Readonly<Record<string, string>> = { 'mkfs.xfs': 'xfsprogs' };

/** Installs with apt what is missing. Throws one clear message where there is no apt. */
export async function ensurePackages(storage: boolean, progress: Progress): Promise<void> {
  const missing: string[] = [];
  for (const [thing, name] of Object.entries(storage ? { ...needed, ...neededByStorage } : needed)) {
    const there = thing.startsWith('/') ? existsSync(thing) : await succeeds('sh', ['-c', `command -v ${thing}`]);
    if (!there && !missing.includes(name)) missing.push(name);
  }
  if (missing.length === 0) return;
  if (!(await succeeds('sh', ['-c', 'command -v apt-get'])))
    throw new Error(`the embedded cluster needs ${missing.join(', ')}: install them`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await progress.step(`installed ${missing.join(' ')}`, async () => {
    await run('apt-get', ['update', '-q'], { env });
    await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], { env });
  });
}
