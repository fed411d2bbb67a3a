import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type App, appSpecSchema } from './app.ts';
import { type ReleaseStatus, releasePhases } from './app-status.ts';
import { deploySchema } from './deploy.ts';
import { restartedAtAnnotation } from './meta.ts';
import { processSchema } from './process.ts';
import { serviceSchema } from './service.ts';
import { mountsSchema } from './storage.ts';

const { image, imagePullSecrets, primaryRegion, env, files, metrics, restart, killSignal, killTimeout } =
  appSpecSchema.shape;

/** What a release has of a Secret. The values are in a core Secret that has the same name for the same list of these. */
const releaseSecretSchema = z.object({
  name: z.string(),
  /** Changes with the names and values of `keys`. */
  digest: z.string(),
  /** Variables that come from it: without those that an older Secret of the App sets, too. */
  keys: z.array(z.string()),
});

/**
 * What the machines of a release are made of, and nothing else: whatever is not in here cannot change a pod, so changing
 * it makes no release. The shape is stored in the cluster; what is added to it must be absent, empty or false by default,
 * or every App gets a new release when Airfield is updated.
 */
export const releaseSpecSchema = z.object({
  image,
  imagePullSecrets,
  primaryRegion,
  env,
  files,
  metrics,
  restart,
  killSignal,
  killTimeout,
  processes: z.array(processSchema.omit({ count: true, regions: true })).optional(),
  services: z
    .array(serviceSchema.pick({ internalPort: true, protocol: true, processes: true, checks: true }))
    .default([]),
  mounts: z.array(mountsSchema.element.pick({ name: true, destination: true, processes: true })).default([]),
  network: appSpecSchema.shape.network.unwrap().pick({ name: true }).prefault({}),
  restartedAt: z.string().max(64).optional(),
  secrets: z.array(releaseSecretSchema).default([]),
});

/** Machines of the groups when the release was made: for groups that the spec of today does not have any more. */
const scaleSchema = z.array(processSchema.pick({ name: true, count: true, regions: true }));

/** What is stored in `data` of a ControllerRevision. */
export const releaseDataSchema = z.object({
  spec: releaseSpecSchema,
  deploy: deploySchema.omit({ rollbackTo: true }).prefault({}),
  scale: scaleSchema.default([]),
  /** The services with their ports: what the Service of the App leads to as long as this release serves. */
  services: z.array(serviceSchema).default([]),
  /** The mounts with all that is said of their volumes. */
  mounts: mountsSchema.default([]),
  /** Version of the release that this one repeats. */
  rollbackOf: z.int().optional(),
});

/** Which of two sets of machines, of which one serves, a release runs in. Only `bluegreen` ever uses the second. */
export const slots = ['blue', 'green'] as const;

/** How a release went, as an annotation of its ControllerRevision. Times are RFC 3339 in whole seconds. */
export const journalSchema = z.object({
  phase: z.enum(releasePhases),
  /** When the phase began. */
  since: z.iso.datetime(),
  /** Where a failed release was when it failed. */
  failedIn: z.enum(releasePhases).optional(),
  /** Hash of what `spec.deploy` said when it failed, which may have changed on the way. Absent: as in the beginning. */
  failedWith: z.string().optional(),
  slot: z.enum(slots).default('blue'),
  reason: z.string().optional(),
  message: z.string().optional(),
});

export type ReleaseSpec = z.infer<typeof releaseSpecSchema>;
export type ReleaseGroup = NonNullable<ReleaseSpec['processes']>[number];
export type ReleaseService = ReleaseSpec['services'][number];
export type ReleaseSecret = z.infer<typeof releaseSecretSchema>;
export type ReleaseMount = ReleaseSpec['mounts'][number];
export type ReleasePhase = ReleaseStatus['phase'];
export type Slot = (typeof slots)[number];
export type Journal = z.infer<typeof journalSchema>;

export interface Release extends z.infer<typeof releaseDataSchema> {
  /** From 1. */
  readonly version: number;
  readonly hash: string;
  readonly startedAt: string;
  readonly journal: Journal;
}

/** What a release of the App as it is now would be made of. */
export function releaseSpecOf(
  { spec, metadata }: Pick<App, 'spec'> & { metadata: Pick<App['metadata'], 'annotations'> },
  secrets: readonly ReleaseSecret[] = [],
): ReleaseSpec {
  const restartedAt = metadata.annotations?.[restartedAtAnnotation]?.slice(0, 64);
  return releaseSpecSchema.parse({ ...spec, ...(restartedAt && { restartedAt }), secrets });
}

/** Equal for specs that make the same machines. */
export function hashOf(spec: object): string {
  return createHash('sha256').update(JSON.stringify(spec, inOrder)).digest('hex').slice(0, 16);
}

/** Sorted, and without what is absent, empty or false: so a field may be added later without a new hash. */
function inOrder(_: string, value: unknown): unknown {
  if (value === false || (Array.isArray(value) && value.length === 0)) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
