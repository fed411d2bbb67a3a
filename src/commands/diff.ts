import { Command } from 'commander';
import type { Client } from '../kube/client.ts';
import type { KubeError } from '../kube/errors.ts';
import { conversionOptions } from './conversion-options.ts';
import type { ConversionFlags } from './conversions.ts';
import type { WantedApp } from './manifests.ts';
import { failed, note } from './messages.ts';
import { paintFor } from './terminal.ts';
import { wantedIn } from './wanted-apps.ts';

interface Flags extends ConversionFlags {
  readonly context?: string;
  readonly fieldManager: string;
}

type Placement = Pick<Required<Flags>, 'namespace' | 'fieldManager'>;

const examples = `
Examples:
  airfield diff                                    the fly.toml in this folder, against the current kubeconfig
  airfield diff deploy/fly.staging.toml --namespace staging --image registry.example.com/hello:1.2.4
  airfield diff -f fly.staging.toml --patch p.yaml with an overlay and a patch, as \`convert\` has them
  airfield diff app.yaml --context production      Apps as YAML or JSON
  airfield convert | airfield diff -
  airfield diff --field-manager kustomize-controller   an App that Flux applies

The API server says what the App would become (a dry run: nothing is stored), as \`kubectl apply\` would make it, with
defaults, and refuses what it would refuse. Apps alone are compared. The cluster is that of KUBECONFIG or
~/.kube/config.
Exit code: 0 without a difference, 1 with one, 2 when something is wrong.`;

/** `airfield diff [file]`: what applying a file would change in the cluster. */
export function diffCommand(): Command {
  const command = new Command('diff')
    .summary('show what a fly.toml would change in the cluster')
    .description('Show what applying a fly.toml, or Apps as YAML, would change in the cluster.')
    .argument('[file]', 'a fly.toml or Apps as YAML, or - for standard input', 'fly.toml');
  return conversionOptions(command)
    .option('-n, --namespace <name>', 'namespace of the App (default: that of the kubeconfig)')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)')
    .option('--field-manager <name>', 'who applies the App, as the API server knows them', 'kubectl')
    .addHelpText('after', examples)
    .action(async (file: string, flags: Flags) => {
      process.exitCode = await diffFile(file, flags);
    });
}

async function diffFile(file: string, flags: Flags): Promise<number> {
  const wanted = await wantedIn(file, flags);
  if (!wanted) return 2;
  const { connect } = await import('../kube/client.ts');
  let client: Client;
  try {
    client = await connect({ context: flags.context, requestTimeoutMs: 15_000 });
  } catch (error) {
    return failed((error as Error).message);
  }
  try {
    const namespace = flags.namespace ?? client.namespace;
    let code = 0;
    for (const app of wanted) code = Math.max(code, await compare(client, app, { ...flags, namespace }));
    return code;
  } finally {
    client.close();
  }
}

async function compare(client: Client, app: WantedApp, flags: Placement): Promise<number> {
  const [{ KubeError }, { dryRun }, { appDiff, paintDiff }] = await Promise.all([
    import('../kube/errors.ts'),
    import('./dry-run.ts'),
    import('./app-diff.ts'),
  ]);
  const { namespace = flags.namespace, name } = app.metadata;
  try {
    const placed = { ...app, metadata: { ...app.metadata, namespace, name } };
    const { live, applied, conflict } = await dryRun(client, placed, flags.fieldManager);
    const diff = appDiff(live, applied);
    process.stdout.write(paintDiff(diff, paintFor(process.stdout)));
    if (diff && conflict) note(`${conflict.message}; \`kubectl apply --server-side\` needs --force-conflicts`);
    return diff ? 1 : 0;
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return failed(`${error.message}${nextStep(error, namespace)}`);
  }
}

function nextStep({ status, details }: KubeError, namespace: string): string {
  if (status === 401) return '; log in again, or choose another user with --context';
  if (status === 403)
    return `; ask for the rights, and see \`kubectl auth can-i patch apps.airfield.dev -n ${namespace}\``;
  if (status !== 404) return '';
  if (details?.kind === 'namespaces') return `; make it with \`kubectl create namespace ${namespace}\``;
  return '; the cluster has no Apps yet: `kubectl apply --server-side -f crds/`';
}
