import type { ObservedPod } from '../api/kubernetes.ts';
import type { Cpu } from './annotation.ts';

/** So that a first answer needs not wait for more, in thousandths of a CPU. */
const smallLimit = 100;
const smallRequest = 1;

type Containers = NonNullable<ObservedPod['spec']>['containers'];

/** What containers have; what is neither whole CPUs nor thousandths is left out, so it stays as it is. */
export function cpuOf(containers: Containers | undefined): Cpu {
  const entries = (containers ?? []).map(({ name, resources }) => {
    const [requests, limits] = [readable(resources?.requests?.cpu), readable(resources?.limits?.cpu)];
    return [name, { ...(requests !== undefined && { requests }), ...(limits !== undefined && { limits }) }] as const;
  });
  return Object.fromEntries(entries.filter(([, cpu]) => Object.keys(cpu).length > 0));
}

/**
 * The least that a machine with this CPU can have: its class of service may not change
 * (https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/#limitations), so a Guaranteed one
 * requests what it is limited to.
 */
export function smallCpu(cpu: Cpu, qosClass: string | undefined): Cpu {
  const isGuaranteed = qosClass === 'Guaranteed';
  const entries = Object.entries(cpu).map(([name, { requests, limits }]) => {
    const limit = limits === undefined ? undefined : atMost(limits, smallLimit);
    const request = requests === undefined ? undefined : atMost(requests, isGuaranteed ? smallLimit : smallRequest);
    return [name, { ...(request && { requests: request }), ...(limit && { limits: limit }) }] as const;
  });
  return Object.fromEntries(entries);
}

/** Whether containers have this CPU, in whatever spelling. */
export function hasCpu(containers: Containers | undefined, cpu: Cpu): boolean {
  const actual = cpuOf(containers);
  return Object.entries(cpu).every(([name, { requests, limits }]) => {
    const has = actual[name] ?? {};
    return isSame(has.requests, requests) && isSame(has.limits, limits);
  });
}

function readable(quantity: string | undefined): string | undefined {
  return quantity !== undefined && /^(\d{1,4}|\d{1,7}m)$/.test(quantity) ? quantity : undefined;
}

const thousandths = (cpu: string) => (cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000);
const atMost = (cpu: string, most: number) => (thousandths(cpu) > most ? `${most}m` : cpu);
const isSame = (one: string | undefined, other: string | undefined) =>
  one === undefined || other === undefined ? one === other : thousandths(one) === thousandths(other);
