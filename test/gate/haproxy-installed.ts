import { run, succeeds } from '../cluster/exec.ts';

const isInstalled = () => succeeds('haproxy', ['-v']);

/** Fails, never skips, where there is no HAProxy to test with. */
export async function ensureHaproxy(): Promise<void> {
  if (!(await isInstalled())) throw new Error('these tests need HAProxy 2.6 or newer: apt-get install haproxy');
}

/** Installs HAProxy where apt can; elsewhere the tests say what they need. */
export async function installHaproxy(): Promise<void> {
  if ((await isInstalled()) || process.getuid?.() !== 0 || !(await succeeds('sh', ['-c', 'command -v apt-get'])))
    return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-q'], { env });
  await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'haproxy'], { env });
}
