import { age } from './age.ts';
import type { ListedMachine } from './machine-list.ts';
import type { StatusReport } from './status-report.ts';
import { table } from './table.ts';
import type { Paint } from './terminal.ts';

/** One screen about an App, for people. */
export function statusScreen(report: StatusReport, paint: Paint, now: Date): string {
  const blocks = [headOf(report, paint, now), machinesOf(report, paint, now)];
  if (report.problems.length > 0) blocks.push(problemsOf(report, paint, now));
  if (report.events.length > 0) blocks.push(eventsOf(report, paint, now));
  return blocks.join('\n');
}

function headOf({ name, namespace, image, ready, release, urls }: StatusReport, paint: Paint, now: Date): string {
  const colour = { True: 'green', False: 'red', Unknown: 'yellow' } as const;
  const lines = [
    ['App', `${paint('bold', name)} (namespace ${namespace})`],
    ['Ready', `${paint(colour[ready.status], ready.status)} ${ready.reason}: ${ready.message}`],
    ['Image', image],
    ['Release', release ? releaseLine(release, now) : 'none yet'],
    ...(urls.length > 0 ? urls : ['none']).map((url, index) => [index === 0 ? 'URLs' : '', url]),
  ];
  return lines.map(([key = '', value = '']) => `${key.padEnd(8)} ${value}\n`).join('');
}

function releaseLine(release: NonNullable<StatusReport['release']>, now: Date): string {
  const { version, phase, serving, startedAt, finishedAt } = release;
  const instead = serving !== undefined && serving !== version ? `; release ${serving} serves` : '';
  return `${version} ${phase}, ${age(finishedAt ?? startedAt, now)} ago${instead}`;
}

function machinesOf({ machines, processes }: StatusReport, paint: Paint, now: Date): string {
  const asleep = processes.filter(({ stopped, suspended = 0 }) => stopped - suspended > 0);
  const ended = new Set(machines.filter(({ state }) => state === 'stopped').map(({ process }) => process));
  const rows = [
    ...machines.map((machine) => rowOf(machine, paint, now)),
    // Of machines that are stopped without work there is nothing but their number.
    ...asleep
      .filter(({ name }) => !ended.has(name))
      .map(({ name, stopped, suspended = 0 }) => [
        `(${stopped - suspended} more)`,
        name,
        '-',
        paint('dim', 'stopped'),
        '-',
        '-',
        '-',
      ]),
  ];
  if (rows.length === 0) return 'No machines.\n';
  return table(['MACHINE', 'GROUP', 'REGION', 'STATE', 'CHECKS', 'RESTARTS', 'AGE'], rows);
}

function rowOf(machine: ListedMachine, paint: Paint, now: Date): string[] {
  const { name, process, region = '-', state, checks, restarts, createdAt } = machine;
  const passing = `${checks.passing}/${checks.total}`;
  const checked = checks.total === 0 ? '-' : paint(checks.passing === checks.total ? 'green' : 'red', passing);
  const colour = state === 'started' ? 'green' : state === 'failed' ? 'red' : 'yellow';
  return [name, process, region, paint(colour, state), checked, `${restarts}`, age(createdAt, now)];
}

function problemsOf({ problems }: StatusReport, paint: Paint, now: Date): string {
  const lines = problems.flatMap(({ reason, message, since, next }) => [
    `${paint('red', reason)}${since ? ` for ${age(since, now)}` : ''}: ${message}`,
    ...(next ? [`  next: ${next}`] : []),
  ]);
  return lines.map((line) => `${line}\n`).join('');
}

function eventsOf({ events }: StatusReport, paint: Paint, now: Date): string {
  const rows = events.map(({ time, type, reason, message, count }) => [
    age(time, now),
    type === 'Warning' ? paint('yellow', reason) : reason,
    count > 1 ? `${message} (${count} times)` : message,
  ]);
  return table(['LAST', 'EVENT', ''], rows);
}
