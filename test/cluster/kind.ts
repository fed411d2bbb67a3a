import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run, succeeds } from './exec.ts';
import { clusterDir, kubeconfigPath } from './paths.ts';
import type { Provider } from './provider.ts';

const config = join(import.meta.dirname, '..', '..', 'kind-config.yaml');

/** Whether Docker's daemon answers and kind is there; else why not. */
export async function whyNotKind(): Promise<string | undefined> {
  if (!(await succeeds('docker', ['info'], { timeout: 10_000 }))) return 'Docker does not answer';
  if (!(await succeeds('kind', ['version']))) return 'kind is not installed (https://kind.sigs.k8s.io)';
  return undefined;
}

/** A kind cluster of two nodes, as `kind-config.yaml` says. */
export function kindProvider(name: string): Provider {
  const running = async () => (await run('kind', ['get', 'clusters'])).split('\n').includes(name);
  const kubeconfig = kubeconfigPath(name);
  return {
    kind: 'kind',
    async up(_options, progress) {
      if ((await running()) && existsSync(kubeconfig)) return;
      await mkdir(clusterDir(name), { recursive: true, mode: 0o700 });
      const create = [
        'create',
        'cluster',
        '--name',
        name,
        '--config',
        config,
        '--kubeconfig',
        kubeconfig,
        '--wait',
        '120s',
      ];
      await progress.step('kind cluster', () => run('kind', create), 'creating a kind cluster, 1 to 3 minutes');
    },
    async down(progress) {
      await progress.step(`kind cluster ${name} is down`, () => run('kind', ['delete', 'cluster', '--name', name]));
      await rm(clusterDir(name), { recursive: true, force: true });
    },
    async status() {
      if (!(await running())) return { running: false, lines: [`kind cluster ${name} is not running`] };
      const nodes = await run('kind', ['get', 'nodes', '--name', name]);
      return {
        running: true,
        lines: [`kind cluster ${name}`, nodes.trimEnd(), `kubectl --kubeconfig ${kubeconfig} get pods -A`],
      };
    },
    kubeconfig: async () => kubeconfig,
    loadImage: async ({ path, name: image }, progress) => {
      await progress.step(`${image ?? path}`, () => run('kind', ['load', 'image-archive', path, '--name', name]));
    },
  };
}
