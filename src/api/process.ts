import * as z from 'zod';
import { envRules } from './app-rules.ts';
import { anyText, command, commandForm, dnsLabel, image, mapOf, rules, text } from './scalars.ts';
import { vmSchema } from './vm.ts';

export const defaultProcess = 'app';

export const restartSchema = z.object({
  policy: z
    .enum(['always', 'onFailure', 'no'])
    .default('always')
    .describe(
      'When a machine whose program has ended is started again. Machines that have a service or a mount always are.',
    ),
  retries: z
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe('How often a machine that has failed is started again, with `onFailure`. Default: 10.'),
});

export const envSchema = () => z.record(z.string(), anyText(32_768)).meta(rules(...envRules));

export const containerSchema = z.object({
  name: dnsLabel().describe('Name of the container.'),
  image: image().describe('Image of the container.'),
  command: command().optional().describe(`Replaces the command of the image (Docker's CMD). ${commandForm}`),
  entrypoint: command().optional().describe(`Replaces the entrypoint of the image (Docker's ENTRYPOINT).`),
  env: envSchema().optional().describe('Environment of this container only.'),
  secrets: z
    .array(text(253))
    .max(64)
    .meta({ 'x-kubernetes-list-type': 'set' })
    .optional()
    .describe('Secrets of the App that this container gets, by the names of their variables. Default: none.'),
  vm: vmSchema.optional(),
});

export const processSchema = z
  .object({
    name: dnsLabel().describe('Name of the process group.'),
    command: command().optional().describe(`Replaces the command of the image (Docker's CMD). ${commandForm}`),
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
    sidecars: mapOf(containerSchema, ['name'], 16)
      .optional()
      .describe('Containers that run beside the program in each machine, with its volumes and files.'),
    init: mapOf(containerSchema, ['name'], 16)
      .optional()
      .describe('Containers that must end well, one after the other, before the program of a machine starts.'),
  })
  .meta(
    rules(
      {
        rule: '!(has(self.count) && has(self.regions))',
        message: 'write either `count` or `regions`: the counts of the regions add up',
      },
      {
        rule: '!has(self.sidecars) || self.sidecars.all(c, c.name != self.name && (!has(self.init) || self.init.all(i, i.name != c.name)))',
        message: 'a container of a machine cannot be called as its process group or as another container: rename it',
        fieldPath: '.sidecars',
      },
      {
        rule: '!has(self.init) || self.init.all(c, c.name != self.name)',
        message: 'a container of a machine cannot be called as its process group: rename it',
        fieldPath: '.init',
      },
    ),
  );

export type ProcessGroup = z.infer<typeof processSchema>;
export type ExtraContainer = z.infer<typeof containerSchema>;
