import { Command, InvalidArgumentError, Option } from 'commander';
import { chooseProvider, type ProviderKind } from './choose.ts';
import { buildImage } from './image/build.ts';
import { onStderr } from './progress.ts';

interface Global {
  readonly name: string;
  readonly provider?: ProviderKind;
}

const nodeCount = (text: string): number => {
  if (text !== '1' && text !== '2') throw new InvalidArgumentError('1 or 2');
  return Number(text);
};

const program = new Command('cluster')
  .description('The real Kubernetes that the tests and the demo run on.')
  .option('--name <name>', 'which cluster; several can run side by side', 'airfield')
  .addOption(
    new Option('--provider <kind>', 'default: the first that can work').choices(['kubeconfig', 'kind', 'embedded']),
  );

const provider = () => chooseProvider(program.opts<Global>());

program
  .command('up')
  .description('bring the cluster up; a healthy one is left alone')
  .option('--nodes <n>', 'nodes, in regions iad and fra', nodeCount, 1)
  .option('--api-only', 'only etcd and kube-apiserver: no nodes, no root needed', false)
  .addOption(
    new Option('--csi', 'add the storage class airfield-csi, with expansion and snapshots').conflicts('apiOnly'),
  )
  .action(async ({ nodes, apiOnly, csi = false }: { nodes: number; apiOnly: boolean; csi?: boolean }) => {
    const chosen = await chooseProvider({ ...program.opts<Global>(), apiOnly });
    await chosen.up({ nodes, apiOnly, csi }, onStderr);
    console.log((await chosen.status()).lines.join('\n'));
  });

program
  .command('down')
  .description('take the cluster away, with all its data')
  .action(async () => (await provider()).down(onStderr));

program
  .command('status')
  .description('nodes, components, versions; exit code 1 when the cluster is not healthy')
  .action(async () => {
    const { running, lines } = await (await provider()).status();
    console.log(lines.join('\n'));
    if (!running) process.exitCode = 1;
  });

program
  .command('kubeconfig')
  .description('print the path of the kubeconfig')
  .action(async () => console.log(await (await provider()).kubeconfig()));

const image = program.command('image').description('images without a registry');

image
  .command('build <recipe>')
  .description('assemble the image of a folder with image.yaml and load it into the cluster')
  .option('--no-load', 'only build')
  .action(async (recipe: string, { load }: { load: boolean }) => {
    const built = await buildImage(recipe);
    if (load) await (await provider()).loadImage(built, onStderr);
    console.log(`${built.name} ${built.digest}\n${built.path}`);
  });

image
  .command('load <tar>')
  .description('load an image archive into the cluster')
  .action(async (path: string) => (await provider()).loadImage({ path }, onStderr));

program.parseAsync().catch((error: Error) => {
  console.error(`cluster: ${error.message}`);
  if (error.cause instanceof Error) console.error(`because of: ${error.cause.message}`);
  // What was interrupted may still be waiting for something that will not come.
  process.exit(1);
});
