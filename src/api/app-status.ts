import * as z from 'zod';
import { conditionSchema } from './conditions.ts';
import { mapOf } from './scalars.ts';

/** How far a release is. `command`, `canary` and `rollout` are on their way, the others are ends. */
export const releasePhases = ['command', 'canary', 'rollout', 'complete', 'failed', 'superseded'] as const;

const machines = {
  desired: z.int().describe('Machines that should run.'),
  ready: z.int().describe('Machines that get traffic.'),
};

const releaseStatusSchema = z.object({
  version: z.int().describe('Number of the release, from 1.'),
  image: z.string().max(512).describe('Its image.'),
  phase: z
    .enum(releasePhases)
    .describe(
      '`command`: the release command runs. `canary`: the first machines are tried. `rollout`: the rest follow.',
    ),
  startedAt: z.string().max(64).meta({ format: 'date-time' }).describe('When it was made.'),
  finishedAt: z
    .string()
    .max(64)
    .meta({ format: 'date-time' })
    .optional()
    .describe('When it was complete or had failed.'),
  reason: z.string().max(1024).optional().describe('Why it failed, in one word.'),
  message: z.string().max(32_768).optional().describe('Why it failed, in a sentence.'),
  serving: z.int().optional().describe('Version whose machines serve; another one until this one is complete.'),
});

export const appStatusSchema = z
  .object({
    observedGeneration: z.int().default(-1).describe('Generation of the spec that this status speaks of.'),
    conditions: mapOf(conditionSchema, ['type'], 16)
      .optional()
      .describe(
        '`Ready` always; `Reconciling`, `Stalled`, `VolumesImpaired`, `Expiring` and `Unrealised` only while they are true.',
      ),
    release: releaseStatusSchema.optional().describe('The release that was made last.'),
    machines: z.string().max(32).optional().describe('Ready and wanted machines: `2/2`.'),
    processes: mapOf(
      z.object({
        name: z.string().max(63).describe('Process group.'),
        ...machines,
        stopped: z.int().describe('Machines that are stopped: they have ended well and may, or wait for work.'),
        suspended: z
          .int()
          .optional()
          .describe('Those of `stopped` that keep their memory and have hardly any CPU until they are needed.'),
        regions: mapOf(z.object({ name: z.string().max(63).describe('Region.'), ...machines }), ['name'], 64)
          .optional()
          .describe('The same for each region, where the group names some.'),
      }),
      ['name'],
      32,
    )
      .optional()
      .describe('Machines of each process group.'),
    checks: mapOf(
      z.object({
        name: z.string().max(63).describe('Check of the App.'),
        passing: z.int().describe('Machines that pass it.'),
        total: z.int().describe('Machines that were asked.'),
        output: z.string().max(1024).optional().describe('What the first machine that fails it answered.'),
      }),
      ['name'],
      32,
    )
      .optional()
      .describe('What the checks of the App say.'),
    replicas: z.int().optional().describe('Machines of the default group, for `kubectl scale`.'),
    selector: z.string().max(1024).optional().describe('Label selector of these machines.'),
    urls: z.array(z.string().max(512)).max(64).optional().describe('Where the App answers.'),
    expiresAt: z
      .string()
      .max(64)
      .meta({ format: 'date-time' })
      .optional()
      .describe('When the App is deleted, where it has `expiresAfter`.'),
  })
  .prefault({})
  .describe('What the operator saw last.');

export type AppStatus = z.infer<typeof appStatusSchema>;
export type ReleaseStatus = z.infer<typeof releaseStatusSchema>;
