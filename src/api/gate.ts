import * as z from 'zod';

/** Port where gates answer /healthz, /readyz, /metrics, /load and /drain. */
export const gateAdminPort = 8081;

const load = {
  current: z.int().min(0).describe('Requests (mode http) or connections (mode tcp) that are under way.'),
  queued: z.int().min(0).describe('Those that wait for this machine alone.'),
  lastBeganSeconds: z.number().min(0).optional().describe('Since the last one began. Absent: none is remembered.'),
};

const toldMachineSchema = z.object({
  machine: z.string().describe('Its FLY_MACHINE_ID: the name of its pod, or the id of its Machine.'),
  ...load,
  leaving: z.boolean().describe('Gets nothing new.'),
});

const toldRouteSchema = z.object({
  route: z.string().describe('Name of the route.'),
  namespace: z.string(),
  app: z.string(),
  port: z.int().describe('Port that clients connect to.'),
  held: z.int().min(0).describe('Those that wait for a machine.'),
  queued: z.int().min(0).describe('Those that wait for room on any machine.'),
  machines: z.array(toldMachineSchema).describe('Those that have answered.'),
});

/** What `GET /load` of a gate says: all of its routes, also those where nothing is to be done. */
export const toldLoadSchema = z.object({ routes: z.array(toldRouteSchema) });

/** What `POST /drain` of a gate says. */
export const drainedSchema = z.object({
  leaving: z.boolean().describe('Whether it gets nothing new any more: nothing may begin once this is true.'),
  ...load,
  held: z
    .int()
    .min(0)
    .describe('Those that wait for a machine of one of its routes: as long as there are some, it is needed.'),
});

export type ToldMachine = z.infer<typeof toldMachineSchema>;
export type ToldRoute = z.infer<typeof toldRouteSchema>;
export type Drained = z.infer<typeof drainedSchema>;
