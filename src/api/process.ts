import * as z from 'zod';
import { command, dnsLabel, mapOf, rules, text } from './scalars.ts';
import { vmSchema } from './vm.ts';

export const defaultProcess = 'app';

export const restartSchema = z.object({
  policy: z
    .enum(['always', 'onFailure', 'no'])
    .default('always')
    .describe('When a machine whose program has ended is started again.'),
  retries: z.int().min(0).max(1000).optional().describe('How often, with `onFailure`.'),
});

export const envSchema = () => z.record(z.string(), z.string().max(32_768));

const sidecarSchema = z.object({
  name: dnsLabel().describe('Name of the container.'),
  image: text(512).describe('Image of the container.'),
  command: command().optional().describe("Replaces the command of the image (Docker's CMD)."),
  entrypoint: command().optional().describe("Replaces the entrypoint of the image (Docker's ENTRYPOINT)."),
  env: envSchema().optional().describe('Environment of this container only.'),
});

export const processSchema = z
  .object({
    name: dnsLabel().describe('Name of the process group.'),
    command: command().optional().describe("Replaces the command of the image (Docker's CMD), one word an element."),
    entrypoint: command().optional().describe("Replaces the entrypoint of the image (Docker's ENTRYPOINT)."),
    count: z
      .int()
      .min(0)
      .max(1000)
      .optional()
      .describe(
        'Number of machines. Default: 2 with a service, 1 without one or with a mount (as the first deploy on Fly).',
      ),
    regions: mapOf(
      z.object({
        name: dnsLabel().describe('Region, as the operator knows it: `iad`.'),
        count: z.int().min(0).max(1000).describe('Number of machines in this region.'),
      }),
      ['name'],
      64,
    )
      .optional()
      .describe('Number of machines in each region, instead of `count`.'),
    vm: vmSchema.prefault({}),
    restart: restartSchema
      .optional()
      .describe("When a machine of this group is started again. Default: the App's `restart`."),
    sidecars: mapOf(sidecarSchema, ['name'], 16)
      .optional()
      .describe('Containers that run beside the program in each machine.'),
  })
  .meta(
    rules({
      rule: '!(has(self.count) && has(self.regions))',
      message: 'write either `count` or `regions`: the counts of the regions add up',
    }),
  );

export type ProcessGroup = z.infer<typeof processSchema>;
