import { Command } from 'commander';

/** `airfield operator`: runs the operator in the foreground, against the current kubeconfig. */
export function operatorCommand(): Command {
  return new Command('operator')
    .description('run the operator in the foreground, against the current kubeconfig (KUBECONFIG, ~/.kube/config)')
    .option('-n, --namespace <name>', 'watch one namespace only (AIRFIELD_NAMESPACE)')
    .option('--port <number>', 'port of /healthz, /readyz and /metrics; 0 is any free one (AIRFIELD_PORT)')
    .option('--log-level <level>', 'debug, info, warn or error (AIRFIELD_LOG_LEVEL)')
    .addHelpText('after', '\nEvery setting is a variable of the environment too; see docs/operator.md.')
    .action(async ({ namespace, port, logLevel }: Record<string, string | undefined>) => {
      const flags = { AIRFIELD_NAMESPACE: namespace, AIRFIELD_PORT: port, AIRFIELD_LOG_LEVEL: logLevel };
      const given = Object.entries(flags).filter(([, value]) => value !== undefined);
      // Loaded only when it runs, for it is most of the program.
      const [{ readConfig }, { runOperator }] = await Promise.all([
        import('../config.ts'),
        import('../controller/run.ts'),
      ]);
      process.exitCode = await runOperator(() => readConfig({ ...process.env, ...Object.fromEntries(given) }));
    });
}
