import { run, succeeds } from '../cluster/exec.ts';

const isInstalled = async () =>
  (await succeeds('prometheus', ['--version'])) && (await succeeds('promtool', ['--version']));

/** Installs Prometheus and promtool where apt can; elsewhere it says what is needed. Never skips. */
export async function ensurePrometheus(): Promise<void> {
  if (await isInstalled()) return;
  if (process.getuid?.() === 0 && (await succeeds('sh', ['-c', 'command -v apt-get']))) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-q'], { env });
    await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'prometheus'], { env });
  }
  if (!(await isInstalled())) throw new Error('these tests need Prometheus and promtool: apt-get install prometheus');
}
