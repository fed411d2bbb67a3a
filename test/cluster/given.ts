import { kubectlPath } from './binaries.ts';
import { run } from './exec.ts';
import type { Provider } from './provider.ts';

/** The cluster of `AIRFIELD_TEST_KUBECONFIG`: never started, never stopped. */
export function givenProvider(kubeconfig: string): Provider {
  const kubectl = async (...args: string[]) => run(await kubectlPath(), ['--kubeconfig', kubeconfig, ...args]);
  return {
    kind: 'kubeconfig',
    async up({ nodes }, progress) {
      await progress.step(`cluster of ${kubeconfig} answers`, () => kubectl('get', '--raw', '/readyz'));
      const found = (await kubectl('get', 'nodes', '-o', 'name')).trim().split('\n').length;
      if (found < nodes)
        throw new Error(`the cluster of AIRFIELD_TEST_KUBECONFIG has ${found} node(s), ${nodes} are needed`);
    },
    async down(progress) {
      progress.note('the cluster of AIRFIELD_TEST_KUBECONFIG is left as it is');
    },
    async status() {
      const nodes = await kubectl('get', 'nodes', '-o', 'wide').catch((error: Error) => error);
      const running = typeof nodes === 'string';
      return { running, lines: [`cluster of ${kubeconfig}`, running ? nodes.trimEnd() : nodes.message] };
    },
    kubeconfig: async () => kubeconfig,
    async loadImage({ path, name }, progress) {
      const command = process.env.AIRFIELD_TEST_IMAGE_LOAD;
      if (!command) {
        throw new Error(
          'set AIRFIELD_TEST_IMAGE_LOAD to a command that loads an image archive into the cluster of AIRFIELD_TEST_KUBECONFIG; the path of the tar is appended to it',
        );
      }
      await progress.step(`${name ?? path} by AIRFIELD_TEST_IMAGE_LOAD`, () =>
        run('sh', ['-c', `${command} "$0"`, path]),
      );
    },
  };
}
