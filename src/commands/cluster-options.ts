import { type Command, Option } from 'commander';

/** Which cluster, as kubectl is told. */
export interface ClusterFlags {
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
}

export interface AppFlags extends ClusterFlags {
  readonly app?: string;
}

/** What every verb that talks to a cluster takes. */
export function clusterOptions(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'namespace (default: that of the kubeconfig)')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)')
    .option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, or ~/.kube/config)');
}

/** The same, for verbs that are about one App. */
export function appOptions(command: Command): Command {
  const app = new Option('-a, --app <name>', 'the App (default: `app` of the fly.toml in this folder)');
  return clusterOptions(command.addOption(app.env('FLY_APP')));
}

export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how it is printed').choices(['text', 'json']).default('text');
}
