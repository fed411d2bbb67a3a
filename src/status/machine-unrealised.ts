import type { Machine } from '../api/machine.ts';
import { gatedFields, list, type Unrealised } from './unrealised.ts';

/** Every field of a Machine that says something which is not acted on. None is ignored silently. */
export function unrealisedOfMachine({ spec }: Pick<Machine, 'spec'>): Unrealised[] {
  // Its traffic goes to it directly, also where its App's goes through gates.
  const later = list(spec.services.flatMap(gatedFields), false);
  const never = list(
    [
      [spec.swap, 'swap', 'pods have no swap: give vm.memory instead'],
      [spec.state === 'suspended', 'state', 'Kubernetes cannot keep the memory of a program, so it is stopped'],
      [spec.schedule, 'schedule', 'make a Schedule instead'],
      [spec.standbyFor?.length, 'standbyFor', 'Kubernetes starts a machine elsewhere by itself when its node is lost'],
      [spec.statics?.length, 'statics', 'serve the files by the program'],
    ],
    true,
  );
  return [...later, ...never];
}
