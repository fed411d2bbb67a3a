import * as z from 'zod';
import { conditionSchema } from './conditions.ts';
import { cronRules } from './cron-rules.ts';
import { envSchema } from './process.ts';
import type { Resource } from './read.ts';
import { command, commandForm, dnsLabel, duration, image, mapOf, rules, text } from './scalars.ts';
import { defaultTimeZone, timeZoneRules } from './time-zone.ts';
import { vmSchema } from './vm.ts';

/** Fly's words for a scheduled machine; each Schedule has a minute of its own in them. */
export const everyWords = ['hourly', 'daily', 'weekly', 'monthly'] as const;

const keepSchema = z.object({
  succeeded: z.int().min(0).max(100).default(3).describe('Runs that succeeded to keep, with their logs.'),
  failed: z.int().min(0).max(100).default(1).describe('Runs that failed to keep, with their logs.'),
});

export const scheduleSpecSchema = z
  .object({
    app: dnsLabel().describe('App whose image, environment, secrets, files and network the runs have.'),
    schedule: text(256)
      .meta(rules(...cronRules(everyWords)))
      .describe(
        'When to run: five fields of cron (`0 3 * * *`), `@every 90m`, or `hourly`, `daily`, `weekly`, `monthly` at a minute of its own.',
      ),
    timeZone: text(64)
      .meta(rules(...timeZoneRules))
      .default(defaultTimeZone)
      .describe('IANA time zone of the schedule: `Europe/Berlin`.'),
    process: dnsLabel()
      .optional()
      .describe("Process group whose command, size and files a run has. Default: the App's default group."),
    command: command().optional().describe(`Replaces the command of the process group (Docker's CMD). ${commandForm}`),
    entrypoint: command().optional().describe("Replaces the entrypoint (Docker's ENTRYPOINT)."),
    image: image()
      .optional()
      .describe("Replaces the App's image, and with it the entrypoint and the command of the process group."),
    vm: vmSchema.optional(),
    env: envSchema().default({}).describe("Variables beside the App's, before which they go."),
    concurrency: z
      .enum(['allow', 'forbid', 'replace'])
      .default('forbid')
      .describe(
        'What happens when a run is due and the last one still runs: both run, it is skipped, or it replaces it.',
      ),
    timeout: duration().optional().describe('Time after which a run has failed and is ended. Default: none.'),
    retries: z.int().min(0).max(100).default(0).describe('How often a run that failed is tried again.'),
    startingDeadline: duration()
      .optional()
      .describe('How late a run may still begin, for instance after the cluster was down. Default: at any time.'),
    suspend: z.boolean().default(false).describe('Whether no new runs begin.'),
    keep: keepSchema.prefault({}).describe('Runs that are kept.'),
  })
  .meta(
    rules(
      {
        rule: "!has(self.timeout) || (duration(self.timeout) >= duration('1s') && duration(self.timeout) <= duration('720h'))",
        message: 'timeout must be from `1s` to `720h`',
        fieldPath: '.timeout',
      },
      {
        rule: "!has(self.startingDeadline) || (duration(self.startingDeadline) >= duration('10s') && duration(self.startingDeadline) <= duration('720h'))",
        message: 'startingDeadline must be from `10s` to `720h`: CronJobs are looked at every 10 seconds',
        fieldPath: '.startingDeadline',
      },
    ),
  );

const time = () => z.string().max(64).meta({ format: 'date-time' });

const runSchema = z.object({
  name: z.string().max(63).describe('Name of its Job: `kubectl logs job/<name>`.'),
  startedAt: time().optional().describe('When it began.'),
  finishedAt: time().optional().describe('When it ended.'),
  result: z.enum(['running', 'succeeded', 'failed']).describe('How it went.'),
  exitCode: z.int().optional().describe('Exit code of its program.'),
  reason: z.string().max(1024).optional().describe('One word for why it failed, or what it waits for.'),
  message: z.string().max(32_768).optional().describe('The same in a sentence.'),
});

export const scheduleStatusSchema = z
  .object({
    observedGeneration: z.int().default(-1).describe('Generation of the spec that this status speaks of.'),
    conditions: mapOf(conditionSchema, ['type'], 16)
      .optional()
      .describe('`Ready` always; `Reconciling`, `Stalled`, `RunFailed` and `Unrealised` only while they are true.'),
    cron: z.string().max(256).optional().describe('The schedule as the CronJob has it.'),
    release: z.int().optional().describe('Release of the App that the next run is of.'),
    running: z.int().optional().describe('Runs that are on their way.'),
    lastRun: runSchema.optional().describe('The run that began last.'),
    lastSuccess: time().optional().describe('When a run succeeded last.'),
    nextRun: time().optional().describe('When the next one begins.'),
  })
  .prefault({})
  .describe('What the operator saw last.');

export const scheduleSchema = z
  .object({ spec: scheduleSpecSchema.describe('What runs, and when.'), status: scheduleStatusSchema })
  .meta(
    rules({
      rule: 'self.metadata.name.size() <= 52',
      message: 'the name of a Schedule may have at most 52 characters: Kubernetes adds 11 to it for each run',
    }),
  );

export type Schedule = Resource<ScheduleSpec, ScheduleStatus>;
export type ScheduleSpec = z.infer<typeof scheduleSpecSchema>;
export type ScheduleSpecInput = z.input<typeof scheduleSpecSchema>;
export type ScheduleStatus = z.infer<typeof scheduleStatusSchema>;
export type ScheduleRun = z.infer<typeof runSchema>;
