import { run, succeeds } from '../cluster/exec.ts';

/** Whether there is a HAProxy to test with; fails, never skips, where there is none. */
export async function ensureHaproxy(): Promise<void> {
  if (!(await succeeds('haproxy', ['-v']))) {
    throw new Error('these tests need HAProxy 2.6 or newer: apt-get install haproxy');
  }
}

/** Installs it where that can be done. Debian would start a HAProxy of its own, which `RUNLEVEL` and policy-rc.d keep from it. */
export async function installHaproxy(): Promise<void> {
  if (await succeeds('haproxy', ['-v'])) return;
  if (process.getuid?.() !== 0 || !(await succeeds('sh', ['-c', 'command -v apt-get']))) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await run('apt-get', ['update', '-q'], { env });
  await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'haproxy'], { env });
}
