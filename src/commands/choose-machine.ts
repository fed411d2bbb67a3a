import type { ListedMachine } from './machine-list.ts';

export interface MachineChoice {
  readonly process?: string | undefined;
  /** Name of a machine, or of its pod. */
  readonly machine?: string | undefined;
}

/** A machine that runs and has a pod. */
export type RunningMachine = ListedMachine & { readonly pod: string };

/** Those that a verb can connect to, the best one first: ready ones before others, the App's own before Machines. */
export function choosable(machines: readonly ListedMachine[], { process, machine }: MachineChoice): RunningMachine[] {
  const runs = (one: ListedMachine): one is RunningMachine => one.pod !== undefined && one.state === 'started';
  const found = machines.filter(runs).filter(({ name, pod, process: group }) => {
    return (machine === undefined || name === machine || pod === machine) && (!process || group === process);
  });
  const rank = ({ ready, kind }: ListedMachine) => (ready ? 0 : 2) + (kind === 'pod' ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b));
}

/** Why there is none, and what to do. */
export function whyNone(app: string, machines: readonly ListedMachine[], choice: MachineChoice): string {
  const asked = choice.machine ?? choice.process;
  const names = machines.map(({ name }) => name);
  const look = `\`airfield status -a ${app}\` shows why`;
  if (choice.machine && !names.includes(choice.machine) && names.length > 0)
    return `${app} has no machine ${choice.machine}; it has ${names.join(', ')}`;
  if (machines.some(({ state }) => state === 'suspended'))
    return `the machines of ${app} are suspended: a request to it resumes one`;
  return asked ? `no machine of ${app} that is or has ${asked} runs: ${look}` : `no machine of ${app} runs: ${look}`;
}
