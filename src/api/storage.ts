import * as z from 'zod';
import { bytes, dnsLabel, mapOf, processes, rules, text } from './scalars.ts';

const absolutePath = () =>
  z
    .string()
    .max(1024)
    .regex(/^\/[^:]*$/);
const keyRef = (of: string) =>
  z.object({
    name: z.string().max(253).describe(`Name of the ${of}.`),
    key: z.string().max(253).describe('Key whose value becomes the file.'),
  });

export const mountsSchema = mapOf(
  z.object({
    name: dnsLabel().describe('Name of the volume (`source` on Fly).'),
    destination: absolutePath().describe('Where it is mounted: `/data`.'),
    size: bytes().default('1Gi').describe('Size of each volume: `10Gi`. It can grow, not shrink.'),
    storageClassName: z.string().max(253).optional().describe("Storage class. Default: the cluster's."),
    processes: processes()
      .optional()
      .describe('Process groups whose machines get a volume each. Default: the default group.'),
  }),
  ['name'],
  16,
);

export const filesSchema = mapOf(
  z
    .object({
      path: absolutePath().describe('Path in the machine: `/etc/app.conf`.'),
      content: z.string().max(262_144).optional().describe('Content as text.'),
      secretKeyRef: keyRef('Secret').optional().describe('Content from a key of a core Secret.'),
      configMapKeyRef: keyRef('ConfigMap').optional().describe('Content from a key of a ConfigMap.'),
      processes: processes().optional().describe('Process groups that get the file. Default: all.'),
    })
    .meta(
      rules({
        rule: '[has(self.content), has(self.secretKeyRef), has(self.configMapKeyRef)].filter(x, x).size() == 1',
        message: 'write exactly one of `content`, `secretKeyRef` and `configMapKeyRef`',
      }),
    ),
  ['path'],
  64,
);

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
