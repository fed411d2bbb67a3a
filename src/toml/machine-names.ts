import { labelOf } from './label.ts';
import { machineName } from './machine-report.ts';
import type { Section } from './section.ts';

/**
 * Names for resources: that of the machine as a label, else `m-<id>`. Of two machines of one name the second has its id
 * behind it. The names of all machines that are asked for are different.
 */
export function machineNames(maxLength: number): (machine: Section) => string {
  const taken = new Set<string>();
  return (machine) => {
    const [written, id] = [machine.text('name') ?? '', labelOf(machine.text('id') ?? '')];
    const label = fit(labelOf(written), maxLength);
    const first = /^[a-z]/.test(label) ? label : fit(`m-${label || id || taken.size + 1}`, maxLength);
    const name = taken.has(first) ? `${fit(first, maxLength - 21)}-${fit(id, 20) || taken.size + 1}` : first;
    if (taken.has(name))
      machine.wrong('name', `${machineName({ name })} is there twice: give one of them another name`);
    taken.add(name);
    if (written && written !== name)
      machine.warn(
        'renamed',
        'name',
        `becomes ${name}: names have only lower-case letters, digits and \`-\`, once each`,
      );
    return name;
  };
}

const fit = (label: string, length: number) => label.slice(0, length).replace(/-+$/, '');
