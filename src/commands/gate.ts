import { Command } from 'commander';

/** `airfield gate`: runs a gate in the foreground, against the current kubeconfig. */
export function gateCommand(): Command {
  return new Command('gate')
    .description(
      'run a gate with its HAProxy in the foreground, against the current kubeconfig (KUBECONFIG, ~/.kube/config)',
    )
    .option('-n, --namespace <name>', 'serve one namespace only (AIRFIELD_GATE_NAMESPACE)')
    .option(
      '--port <number>',
      'port of /healthz, /readyz, /metrics, /load and /drain; 0 is any free one (AIRFIELD_GATE_PORT)',
    )
    .option('--log-level <level>', 'debug, info, warn or error (AIRFIELD_GATE_LOG_LEVEL)')
    .addHelpText('after', '\nEvery setting is a variable of the environment too; see docs/gate.md.')
    .action(async ({ namespace, port, logLevel }: Record<string, string | undefined>) => {
      const flags = {
        AIRFIELD_GATE_NAMESPACE: namespace,
        AIRFIELD_GATE_PORT: port,
        AIRFIELD_GATE_LOG_LEVEL: logLevel,
      };
      const given = Object.entries(flags).filter(([, value]) => value !== undefined);
      // Loaded only when it runs.
      const [{ readGateConfig }, { runGate }] = await Promise.all([
        import('../gate/config-env.ts'),
        import('../gate/run.ts'),
      ]);
      process.exitCode = await runGate(() => readGateConfig({ ...process.env, ...Object.fromEntries(given) }));
    });
}
