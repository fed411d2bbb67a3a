import { readdir, readFile } from 'node:fs/promises';

/**
 * Processes of a container, as this host sees them: every one of its cgroup, which is named by the id that Kubernetes says
 * as `containerd://ID`. Of an embedded cluster, whose containers are processes of this host.
 */
export async function processesOf(containerId: string): Promise<number[]> {
  const id = containerId.replace(/^\w+:\/\//, '');
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const isIn = async (pid: string) => (await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '')).includes(id);
  const found = await Promise.all(pids.map(async (pid) => ((await isIn(pid)) ? [Number(pid)] : [])));
  return found.flat();
}

/** Sends a signal to all processes of a container; `false` where it has none. */
export async function killContainer(containerId: string, signal: NodeJS.Signals): Promise<boolean> {
  const pids = await processesOf(containerId);
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      // One may have ended with the one before it.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  return pids.length > 0;
}
