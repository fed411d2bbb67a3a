import { apiVersion } from '../api/meta.ts';
import { everyWords, type ScheduleSpecInput } from '../api/schedule.ts';
import type { MachineContext } from './machine-context.ts';
import { machineEnv } from './machine-env.ts';
import { groupOf } from './machine-fleet.ts';
import { guest, isSameSize } from './machine-guest.ts';
import { machineImage } from './machine-image.ts';
import { ownMetadata, wholeConfigOf } from './machine-life.ts';
import { programOf } from './machine-program.ts';
import type { ScheduleManifest } from './manifest.ts';
import { given, type Section } from './section.ts';

const words = Object.fromEntries(everyWords.map((word) => [word, word]));

/** The Schedule that a machine with a `schedule` becomes: what it has otherwise than its App. */
export function scheduleOf(machine: Section, name: string, context: MachineContext): ScheduleManifest | undefined {
  const config = wholeConfigOf(machine);
  if (!config) return undefined;
  const { app, groups } = context;
  const group = groupOf(machine);
  const process = group !== undefined && groups.commands.has(group) ? group : groups.default;
  const size = guest(config);
  const usual = app.spec.processes?.find((one) => one.name === process);
  const spec: ScheduleSpecInput = given({
    app: app.metadata.name,
    schedule: scheduleText(machine, config, name),
    process: process === groups.default ? undefined : process,
    ...program(config, usual, process),
    image: machineImage(config, context.images),
    vm: isSameSize(size, usual?.vm) ? undefined : size,
    env: machineEnv(config, context, app.spec.env),
    retries: retries(config),
  });
  if (machine.text('region') === app.spec.primaryRegion) machine.value('region');
  if (Object.keys(ownMetadata(machine)).some((key) => key !== 'fly_process_group'))
    config.warn('notNeeded', 'metadata', 'is not needed: write labels or annotations of the Schedule');
  return { apiVersion, kind: 'Schedule', metadata: { ...app.metadata, name }, spec };
}

/**
 * Fly counts from when the machine was made (https://fly.io/docs/blueprints/task-scheduling/), so that time is kept as
 * cron; a machine that does not say when it was made keeps the word.
 */
function scheduleText(machine: Section, config: Section, name: string): string {
  const word = config.choice('schedule', words) ?? 'daily';
  const cron = cronSince(word, machine.text('created_at'));
  const time = cron ? `about when it runs on Fly: \`${cron}\` in UTC` : 'at a time of its own';
  const message = `becomes Schedule ${name}, which runs ${word}, ${time}; another time is another line of cron, with \`timeZone\``;
  config.warn('coarseSchedule', 'schedule', message);
  return cron ?? word;
}

/** The line of cron that is due when Fly starts a machine that was made then, in UTC; undefined without a time. */
function cronSince(word: string, created = ''): string | undefined {
  const time = new Date(created);
  if (Number.isNaN(time.getTime())) return undefined;
  const [minute, hour] = [time.getUTCMinutes(), time.getUTCHours()];
  // Every month has 28 days.
  const day = Math.min(28, time.getUTCDate());
  const lines: Record<string, string> = {
    hourly: `${minute} * * * *`,
    daily: `${minute} ${hour} * * *`,
    weekly: `${minute} ${hour} * * ${time.getUTCDay()}`,
    monthly: `${minute} ${hour} ${day} * *`,
  };
  return lines[word];
}

type Program = Pick<ScheduleSpecInput, 'entrypoint' | 'command'>;

/** Where a machine says nothing, it runs the image's own command, and a Schedule that of its process group. */
function program(config: Section, usual: Program | undefined, process: string): Program {
  const { exec, entrypoint, command } = programOf(config.section('init'));
  if (exec) return { entrypoint: exec.slice(0, 1), ...(exec.length > 1 && { command: exec.slice(1) }) };
  if (!command && (usual?.command || (usual?.entrypoint && !entrypoint)))
    config.warn(
      'approximated',
      'init',
      `has no command, so it runs that of process group ${process}: write \`command\` in the Schedule`,
    );
  return given({ entrypoint, command });
}

function retries(config: Section): number | undefined {
  const restart = config.section('restart');
  const policy = restart?.text('policy');
  const max = restart?.integer('max_retries', { min: 0, max: 1000 });
  return policy === 'on-failure' && max ? Math.min(max, 100) : undefined;
}
