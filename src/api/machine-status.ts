import * as z from 'zod';
import { conditionSchema } from './conditions.ts';
import { mapOf } from './scalars.ts';

/** States of a machine as Fly has them (https://fly.io/docs/machines/machine-states/). */
export const machineStates = [
  'created',
  'starting',
  'started',
  'stopping',
  'stopped',
  'suspended',
  'replacing',
  'destroying',
  'destroyed',
  'failed',
] as const;

export const machineEventTypes = [
  'launch',
  'update',
  'start',
  'restart',
  'stop',
  'suspend',
  'exit',
  'destroy',
] as const;

/** As `meta/v1` MicroTime, to the millisecond: Fly's events are that exact, and so they keep their order. */
const milliTime = () => z.string().max(64).meta({ format: 'date-time' });

const exitSchema = z.object({
  exitCode: z.int().describe('Exit code of the program.'),
  signal: z.int().optional().describe('Number of the signal that ended it.'),
  oomKilled: z.boolean().describe('Whether it needed more memory than the machine has.'),
  requestedStop: z.boolean().describe('Whether it was asked to stop.'),
  restarting: z.boolean().describe('Whether the machine is started again.'),
  exitedAt: milliTime().optional().describe('When it ended.'),
  container: z.string().max(253).optional().describe('Id of the container that it ran in, cut short.'),
});

/** What tells a start that was asked for from those before it, so that none is done twice or forgotten. */
const runSchema = z.object({
  number: z.int().describe('Counts launches, starts, restarts and updates from 1.'),
  asked: z.enum(['started', 'stopped', 'suspended']).describe('State that the spec asked for.'),
  restartedAt: z.string().max(64).optional().describe('Value of the annotation `airfield.dev/restarted-at`.'),
  ended: z.boolean().describe('Whether its program has ended and is not started again.'),
});

const eventSchema = z.object({
  type: z.enum(machineEventTypes).describe('What happened.'),
  status: z.enum(machineStates).describe('State of the machine after it.'),
  source: z.enum(['user', 'operator']).describe('Who wanted it: somebody who changed the spec, or Airfield.'),
  timestamp: milliTime().describe('When.'),
  message: z.string().max(1024).optional().describe('Why, in a sentence.'),
  exit: exitSchema.optional().describe('How the program ended (`exit`).'),
});

export const machineStatusSchema = z
  .object({
    observedGeneration: z.int().default(-1).describe('Generation of the spec that this status speaks of.'),
    conditions: mapOf(conditionSchema, ['type'], 16)
      .optional()
      .describe('`Ready` always; `Reconciling`, `Stalled` and `Unrealised` only while they are true.'),
    id: z.string().max(32).optional().describe('Id of the machine for its whole life: 14 hex digits, as on Fly.'),
    version: z.string().max(32).optional().describe('Another one after each update (`instance_id` on Fly): a ULID.'),
    configHash: z.string().max(64).optional().describe('What that version is made of.'),
    run: runSchema.optional().describe('The start that was asked for last.'),
    state: z.enum(machineStates).optional().describe('What the machine is doing.'),
    stateSince: milliTime().optional().describe('Since when.'),
    createdAt: milliTime().optional().describe('When it was created.'),
    updatedAt: milliTime().optional().describe('When it was updated last.'),
    release: z.int().optional().describe('Release of the App whose image and secrets it has.'),
    region: z.string().max(63).optional().describe('Region that it should be in.'),
    node: z.string().max(253).optional().describe('Node that it is on.'),
    privateIP: z.string().max(45).optional().describe('Its address.'),
    image: z.string().max(512).optional().describe('Its image.'),
    exitCode: z.int().optional().describe('Exit code of its program, when it has ended.'),
    restarts: z.int().optional().describe('How often its program was started again in this version.'),
    checks: mapOf(
      z.object({
        name: z.string().max(63).describe('Name of the check.'),
        status: z.enum(['passing', 'warning', 'critical']).describe('What it says.'),
        output: z.string().max(1024).optional().describe('What the machine answered.'),
        updatedAt: milliTime().describe('When that changed last.'),
      }),
      ['name'],
      64,
    )
      .optional()
      .describe('What its checks say.'),
    events: z.array(eventSchema).max(20).optional().describe('The last 20 events, the newest first.'),
  })
  .prefault({})
  .describe('What the operator saw last.');

export type MachineStatus = z.infer<typeof machineStatusSchema>;
export type MachineState = (typeof machineStates)[number];
export type MachineEvent = z.infer<typeof eventSchema>;
export type MachineExit = z.infer<typeof exitSchema>;
export type MachineRun = z.infer<typeof runSchema>;
