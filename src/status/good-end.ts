import type { Machines } from './machines.ts';

interface Told {
  readonly reason: string;
  readonly message: string;
}

/** What to say of machines that all do as they should. */
export function goodEnd(machines: Machines): Told {
  const { desired, stopped, sleeping, suspended, late } = machines;
  const ended = stopped - sleeping;
  const beside = [
    desired > 0 && sleeping > 0 && `${sleeping} more ${sleeping === 1 ? 'is' : 'are'} ${rest(sleeping, suspended)}`,
    desired + sleeping > 0 && ended > 0 && `${ended} more have ended well`,
  ];
  const { reason, message } = mostly(machines);
  const next = [wake(machines), late > 0 && `${late} more will start with the next release`];
  return { reason, message: [[message, ...beside].filter(Boolean).join(', '), ...next].filter(Boolean).join('; ') };
}

/** The same while some are being started or stopped because there is work, or none. */
export function starting(machines: Machines): Told {
  const { ready, desired } = machines;
  if (ready === desired) return goodEnd(machines);
  return { reason: 'Starting', message: `${ready} of ${desired} machines ready, and the others are starting` };
}

function mostly({ desired, stopped, sleeping, suspended }: Machines): Told {
  const all = (n: number, one: string, many: string) => (n === 1 ? `its machine ${one}` : `all ${n} machines ${many}`);
  if (desired > 0) return { reason: 'Running', message: all(desired, 'is ready', 'are ready') };
  const how = rest(sleeping, suspended);
  if (sleeping > 0) return { reason: 'Idle', message: all(sleeping, `is ${how}`, `are ${how}`) };
  if (stopped > 0) return { reason: 'Ended', message: all(stopped, 'has ended well', 'have ended well') };
  return { reason: 'Idle', message: 'no machine runs, as the spec asks' };
}

function rest(sleeping: number, suspended: number): string {
  if (suspended === 0) return 'stopped';
  return suspended === sleeping ? 'suspended' : 'stopped or suspended';
}

/** How machines that are stopped are started again. */
function wake({ desired, sleeping, suspended, unwakeable }: Machines): string | undefined {
  if (unwakeable.length > 0) {
    const groups = unwakeable.map((name) => `\`${name}\``).join(' and ');
    return `nothing starts those of ${groups}: set \`autoStart: true\` in a service of it, or \`minMachinesRunning\` above 0`;
  }
  if (desired > 0 || sleeping === 0) return undefined;
  return suspended > 0 ? 'a request resumes one' : 'a request starts one';
}
