import type { ObservedPod } from '../api/kubernetes.ts';
import type { Machine } from '../api/machine.ts';
import type { MachineStatus } from '../api/machine-status.ts';
import { portOf } from '../desired/checks.ts';
import { checkContainerNames } from '../desired/containers.ts';
import { type MachineOfApp, machineWorkload } from '../desired/machine-workload.ts';
import { type Probes, probesOf } from '../desired/probes.ts';
import type { CheckStatus } from './checks.ts';
import { milliTime } from './machine-events.ts';

type Told = NonNullable<MachineStatus['checks']>[number];
type Result = Omit<Told, 'updatedAt'>;

/**
 * What the checks of a running Machine say: those of its services as the kubelet asks them, its own as the operator does.
 * Without `results` nobody can be asked from where the operator runs.
 */
export function machineCheckStatuses(
  of: MachineOfApp,
  pod: ObservedPod | undefined,
  results: readonly CheckStatus[] | undefined,
  now: Date,
): Told[] {
  const { status } = of.machine;
  const all = pod ? [...serviceChecks(of, pod), ...ownChecks(of.machine, results)] : [];
  return all.map((result) => {
    const before = status.checks?.find(({ name }) => name === result.name);
    const isSame = before?.status === result.status && before.output === result.output;
    return { ...result, updatedAt: isSame ? before.updatedAt : milliTime(now) };
  });
}

/** Named as on Fly: `servicecheck-00-http-8080`. */
function serviceChecks(of: MachineOfApp, pod: ObservedPod): Result[] {
  const { release, group } = machineWorkload(of);
  const probes = probesOf(release.spec, group.name);
  const names = [group.name, ...checkContainerNames({ group }, probes.length)];
  return probes.map(({ readinessProbe }, index) => {
    const container = pod.status?.containerStatuses?.find(({ name }) => name === names[index]);
    const { what, port } = askedBy(readinessProbe);
    const name = `servicecheck-${`${index}`.padStart(2, '0')}-${what}-${port}`;
    return { name, status: container?.ready ? 'passing' : 'critical' };
  });
}

function askedBy({ httpGet, tcpSocket }: Probes['readinessProbe']) {
  return httpGet ? { what: 'http', port: httpGet.port } : { what: 'tcp', port: tcpSocket?.port };
}

function ownChecks({ spec }: Machine, results: readonly CheckStatus[] | undefined): Result[] {
  return spec.checks.flatMap(({ name, port }): Result[] => {
    if (portOf(spec, { port }) === undefined) return [];
    if (!results)
      return [
        { name, status: 'warning', output: 'cannot be reached from the operator: it runs outside of the cluster' },
      ];
    const result = results.find((one) => one.name === name && one.total > 0);
    if (!result) return [];
    const { passing, total, output } = result;
    return [{ name, status: passing === total ? 'passing' : 'critical', ...(output && { output }) }];
  });
}
