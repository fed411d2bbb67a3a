import * as z from 'zod';

/** Whole CPUs or thousandths, as the API server writes them: `500m`, `2`. */
const cpuSchema = z.string().regex(/^(\d{1,4}|\d{1,7}m)$/);
const containerSchema = z.strictObject({ requests: cpuSchema.optional(), limits: cpuSchema.optional() });

const suspendedSchema = z.strictObject({
  /** When it was suspended, so that each time is another one. */
  since: z.iso.datetime(),
  /** What its containers had, by their names. */
  cpu: z.record(z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/), containerSchema),
});

/** The annotation `airfield.dev/suspended`: all that whoever resumes a machine has to know. */
export type Suspended = z.infer<typeof suspendedSchema>;
/** CPU of containers, by their names; what has none is not among them. */
export type Cpu = Suspended['cpu'];

export const writeSuspended = (suspended: Suspended): string => JSON.stringify(suspended);

/** Undefined where it says anything else: whoever may annotate a pod must not get more than its CPU resized. */
export function readSuspended(text: string): Suspended | undefined {
  try {
    return suspendedSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
