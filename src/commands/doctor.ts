import { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { type ClusterFlags, clusterOptions, outputOption } from './cluster-options.ts';
import type { Finding } from './doctor-report.ts';
import { inCluster, type Session } from './session.ts';

interface Flags extends ClusterFlags {
  readonly output: 'text' | 'json';
}

const examples = `
Examples:
  airfield doctor                     whether the cluster has what Apps need, and what you may do in the namespace
  airfield doctor -o json | jq '.[] | select(.result == "fail")'

Exit code: 0, also where there is something to tell; 1 where a check failed.`;

/** `airfield doctor`: what is missing, and what to do about it. */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .summary('check cluster, operator and permissions')
    .description('Check whether the cluster has what Apps need, and say what to do where it has not.');
  return clusterOptions(command)
    .addOption(outputOption())
    .addHelpText('after', examples)
    .action((flags: Flags) => inCluster(flags, (session) => doctor(session, flags)));
}

async function doctor(session: Session, { output }: Flags): Promise<number> {
  const findings = await look(session);
  if (output === 'json') process.stdout.write(`${JSON.stringify(findings, undefined, 2)}\n`);
  else {
    const [{ doctorText }, { paintFor }, { asCalled }] = await Promise.all([
      import('./doctor-report.ts'),
      import('./terminal.ts'),
      import('./program-name.ts'),
    ]);
    process.stdout.write(asCalled(doctorText(findings, paintFor(process.stdout))));
  }
  return findings.some(({ result }) => result === 'fail') ? 1 : 0;
}

/** In the order in which they are best mended; without an API server there is nothing else to look at. */
async function look(session: Session): Promise<Finding[]> {
  const [cluster, airfield, names, network, permissions] = await Promise.all([
    import('./doctor-cluster.ts'),
    import('./doctor-airfield.ts'),
    import('./doctor-names.ts'),
    import('./doctor-network.ts'),
    import('./doctor-permissions.ts'),
  ]);
  const server = await explained('API server', 'fail', () => cluster.checkApiServer(session));
  if (server.result === 'fail') return [server];
  const checks: [name: string, check: () => Promise<Finding>][] = [
    ['kinds', () => cluster.checkKinds(session)],
    ['operator', () => airfield.checkOperator(session, new Date(), manifest.version)],
    ['gates', () => airfield.checkGates(session)],
    ['permissions', () => permissions.checkPermissions(session)],
    ['names', () => names.checkNames(session)],
    ['volumes', () => cluster.checkStorage(session)],
    ['snapshots', () => cluster.checkSnapshots(session)],
    ['edge', () => cluster.checkEdge(session)],
    ['NetworkPolicy', () => network.checkNetworkPolicies(session)],
    ['metrics API', () => cluster.checkMetrics(session)],
  ];
  return [server, ...(await Promise.all(checks.map(([name, check]) => explained(name, 'warn', check))))];
}

/** What may not be looked at is not known, which is no failure of the cluster's. */
async function explained(check: string, result: 'warn' | 'fail', look: () => Promise<Finding>): Promise<Finding> {
  const { KubeError } = await import('../kube/errors.ts');
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const { status, message } = error;
    if (status === 403) return { result: 'warn', check, message: `not known: ${message}`, next: 'ask who may see it' };
    if (status === 401) return { result: 'fail', check, message, next: 'log in again, or choose another --context' };
    return { result, check, message, next: 'see whether the kubeconfig is right: `kubectl cluster-info`' };
  }
}
