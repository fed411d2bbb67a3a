import * as z from 'zod';
import { filesRules, mountsRules } from './app-rules.ts';
import {
  anyText,
  bytes,
  dnsLabel,
  dnsSubdomain,
  duration,
  mapOf,
  processes,
  type Rule,
  rules,
  text,
} from './scalars.ts';

const absolutePath = () =>
  z
    .string()
    .max(1024)
    .regex(/^\/[^:]*$/);
/** A key of a Secret or ConfigMap; `what` says what its value does. */
export const keyRef = (of: string, what = 'becomes the file') =>
  z.object({
    name: dnsSubdomain().describe(`Name of the ${of}.`),
    key: z
      .string()
      .max(253)
      .regex(/^\.?[-_a-zA-Z0-9][-._a-zA-Z0-9]*$/)
      .describe(`Key whose value ${what}.`),
  });

export const defaultMountSize = '1Gi';

/** As Fly: at most 60 days, 5 without a word (https://fly.io/docs/volumes/snapshots/). */
const snapshotsSchema = z.object({
  every: duration().default('24h').describe('Time between two snapshots of a volume.'),
  retentionDays: z.int().min(1).max(60).default(5).describe('Days after which a snapshot is deleted.'),
});

const atLeast1Mi = (field: string): Rule => ({
  rule: `!has(self.${field}) || quantity(self.${field}).compareTo(quantity('1Mi')) >= 0`,
  message: `${field} must be at least \`1Mi\``,
  fieldPath: `.${field}`,
});

/** Fly's bounds of the threshold: flyctl, internal/appconfig/validation.go. */
const autoExtendSchema = z
  .object({
    threshold: z.int().min(50).max(99).describe('Used part of a volume, in percent, at which it grows.'),
    increment: bytes().describe('How much it grows: `1Gi`.'),
    limit: bytes().optional().describe('Size beyond which it does not grow. Default: none.'),
  })
  .meta(rules(atLeast1Mi('increment')));

const sizeOf = (self: string) => `(has(${self}.size) ? quantity(${self}.size) : quantity('${defaultMountSize}'))`;

export const mountsSchema = mapOf(
  z
    .object({
      name: dnsLabel().describe('Name of the volume (`source` on Fly).'),
      destination: absolutePath().describe('Where it is mounted: `/data`.'),
      size: bytes().default(defaultMountSize).describe('Size of each volume: `10Gi`. It can grow, not shrink.'),
      storageClassName: dnsSubdomain().optional().describe("Storage class. Default: the cluster's."),
      processes: processes()
        .optional()
        .describe('Process groups whose machines get a volume each. Default: the default group.'),
      onDelete: z
        .enum(['keep', 'delete'])
        .default('keep')
        .describe('What becomes of the volumes when the App is deleted. Fewer machines never delete one.'),
      fromSnapshot: z
        .string()
        .max(253)
        .optional()
        .describe('Name of a VolumeSnapshot that new volumes begin with. Those that exist stay as they are.'),
      snapshots: snapshotsSchema.optional().describe('Snapshots on a schedule, where the cluster has VolumeSnapshot.'),
      autoExtend: autoExtendSchema.optional().describe('Growing a volume that fills up.'),
    })
    .meta(
      rules(
        atLeast1Mi('size'),
        {
          rule: `${sizeOf('self')}.compareTo(${sizeOf('oldSelf')}) >= 0`,
          message: 'a volume cannot shrink: keep the size, or add a mount with another name and move the data',
          fieldPath: '.size',
        },
        {
          rule: `!has(self.autoExtend) || !has(self.autoExtend.limit) || quantity(self.autoExtend.limit).compareTo(${sizeOf('self')}) >= 0`,
          message: 'autoExtend.limit must not be below `size`: raise it, or remove it',
          fieldPath: '.autoExtend.limit',
        },
        {
          rule: "!has(self.snapshots) || !has(self.snapshots.every) || duration(self.snapshots.every) >= duration('1h')",
          message: 'snapshots.every must be at least `1h`',
          fieldPath: '.snapshots.every',
        },
      ),
    ),
  ['name'],
  16,
).meta(rules(...mountsRules));

export const filesSchema = mapOf(
  z
    .object({
      path: absolutePath().describe('Path in the machine: `/etc/app.conf`.'),
      content: anyText(262_144).optional().describe('Content as text.'),
      secretKeyRef: keyRef('Secret').optional().describe('Content from a key of a core Secret.'),
      configMapKeyRef: keyRef('ConfigMap').optional().describe('Content from a key of a ConfigMap.'),
      processes: processes().optional().describe('Process groups that get the file. Default: all.'),
    })
    .meta(
      rules(
        {
          rule: '[has(self.content), has(self.secretKeyRef), has(self.configMapKeyRef)].filter(x, x).size() == 1',
          message: 'write exactly one of `content`, `secretKeyRef` and `configMapKeyRef`',
        },
        {
          rule: "!self.path.matches('/[.]{0,2}(/|$)')",
          message: 'path must be the whole path of a file: without `.`, `..` and `//`, and without a `/` at its end',
          fieldPath: '.path',
        },
      ),
    ),
  ['path'],
  64,
).meta(rules(...filesRules));

export const metricsSchema = z
  .array(
    z.object({
      port: z.int().min(1).max(65535).describe('Port of the metrics.'),
      path: text(1024).default('/metrics').describe('Path of the metrics.'),
      https: z.boolean().default(false).describe('Scrape with https.'),
      processes: processes().optional().describe('Process groups that have it. Default: the default group.'),
    }),
  )
  .max(16);

export type Mount = z.infer<typeof mountsSchema>[number];
export type File = z.infer<typeof filesSchema>[number];
export type Metrics = z.infer<typeof metricsSchema>[number];
