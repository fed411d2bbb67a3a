import * as z from 'zod';
import { appCheckSchema } from './check.ts';
import { type MachineStatus, machineStatusSchema } from './machine-status.ts';
import { containerSchema, envSchema } from './process.ts';
import type { Resource } from './read.ts';
import {
  anyText,
  bytes,
  command,
  commandForm,
  dnsLabel,
  image,
  killTimeout,
  mapOf,
  rules,
  signal,
  text,
} from './scalars.ts';
import { serviceSchema } from './service.ts';
import { filesSchema, metricsSchema, mountsSchema } from './storage.ts';
import { vmSchema } from './vm.ts';

/** An element of a list of an App, for a machine that is alone: without the groups that it is for. */
const alone = <Shape extends { processes: z.ZodType }>(element: z.ZodObject<Shape>) => {
  const { processes: _, ...shape } = element.shape;
  return z.object(shape as Omit<Shape, 'processes'>).meta({ ...element.meta() });
};

const containers = () => mapOf(containerSchema, ['name'], 16);

const anyAddress = z.union([z.ipv4(), z.ipv6()]);
const addressRule = 'must be an address: `1.1.1.1`';
const address = anyText(45)
  .refine((value) => anyAddress.safeParse(value).success, addressRule)
  .meta(rules({ rule: 'isIP(self)', message: addressRule }));
/** As Kubernetes checks it: pkg/apis/core/validation, validatePodDNSConfig. */
const searchDomain = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\.?$/);

const dnsSchema = z.object({
  skipRegistration: z.boolean().default(false).describe('Whether the machine is left out of `.internal` names.'),
  nameservers: z.array(address).max(3).optional().describe("Addresses to ask instead of the cluster's DNS."),
  searches: z.array(searchDomain).max(32).optional().describe('Domains to look names up in.'),
  options: z
    .array(z.object({ name: text(63).describe('`ndots`.'), value: anyText(63).optional().describe('`1`.') }))
    .max(16)
    .optional()
    .describe('Options of the resolver.'),
});

/** When a machine whose program has ended is started again, as in Fly's machine config. */
const machineRestartSchema = z.object({
  policy: z
    .enum(['always', 'onFailure', 'no'])
    .default('always')
    .describe('When the machine is started again after its program has ended.'),
  maxRetries: z
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe('How often it is started again after a failure, with `onFailure`. Default: 10.'),
});

/** In CEL: the process group of a machine. */
const processGroup =
  "(has(self.metadata) && 'fly_process_group' in self.metadata ? self.metadata['fly_process_group'] : 'app')";

/** Every field of Fly's machine config has a place here, so that an HTTP API can stand in front of it. */
export const machineSpecSchema = z
  .object({
    app: dnsLabel().describe('App whose secrets, network and `.internal` name the machine shares.'),
    region: dnsLabel().optional().describe("Region of the machine. Default: the App's primary region."),
    image: image().optional().describe("Container image. Default: that of the App's release."),
    exec: command().optional().describe(`Replaces entrypoint and command. ${commandForm}`),
    entrypoint: command().optional().describe("Replaces the entrypoint of the image (Docker's ENTRYPOINT)."),
    command: command().optional().describe(`Replaces the command of the image (Docker's CMD). ${commandForm}`),
    tty: z.boolean().default(false).describe('Whether the program has a terminal.'),
    env: envSchema().default({}).describe("Environment of the machine. The App's secrets go before it."),
    vm: vmSchema.prefault({}),
    swap: bytes().optional().describe('Not available on Kubernetes: give `vm.memory` instead. Told in the conditions.'),
    mounts: mapOf(alone(mountsSchema.element), ['name'], 16)
      .default([])
      .describe('Volumes of the machine. They stay with it when it is stopped, updated or started elsewhere.'),
    files: mapOf(alone(filesSchema.element), ['path'], 64).default([]).describe('Files that are put into the machine.'),
    services: z
      .array(alone(serviceSchema))
      .max(16)
      .default([])
      .describe('What the machine serves, under the name of its App.'),
    checks: mapOf(alone(appCheckSchema), ['name'], 32)
      .default([])
      .describe('Checks that are shown in the status and do not touch traffic.'),
    metrics: z.array(alone(metricsSchema.element)).max(16).default([]).describe('Where Prometheus finds the metrics.'),
    sidecars: containers().optional().describe('Containers that run beside the program.'),
    init: containers().optional().describe('Containers that must end well before the program starts.'),
    restart: machineRestartSchema
      .prefault({})
      .describe('When the machine is started again after its program has ended.'),
    killSignal: signal().default('SIGINT').describe('Signal that asks the machine to stop.'),
    killTimeout: killTimeout().default('5s').describe('Time between that signal and the kill; at most 5 minutes.'),
    state: z
      .enum(['started', 'stopped', 'suspended'])
      .default('started')
      .describe(
        'What the machine should be. `suspended` stops it too: Kubernetes cannot keep the memory of a program.',
      ),
    cordoned: z.boolean().default(false).describe('Whether the machine gets no traffic of its services.'),
    autoDestroy: z.boolean().default(false).describe('Whether the machine is deleted when its program has ended.'),
    metadata: z
      .record(z.string(), anyText(4096))
      .default({})
      .describe(
        'Words of yours about the machine. A change restarts nothing, but for `fly_process_group`: its process group.',
      ),
    dns: dnsSchema.prefault({}).describe('How the machine finds names, and is found.'),
    schedule: z
      .enum(['hourly', 'daily', 'weekly', 'monthly'])
      .optional()
      .describe("Fly's schedule of a machine. Not acted on: make a Schedule. Told in the conditions."),
    standbyFor: z
      .array(anyText(63))
      .max(16)
      .optional()
      .describe(
        'Machines that this one stands by for. Not needed: Kubernetes starts them elsewhere. Told in the conditions.',
      ),
    statics: z
      .array(
        z.object({
          guestPath: text(1024).describe('Folder in the machine.'),
          urlPrefix: text(1024).describe('Paths that it answers.'),
        }),
      )
      .max(10)
      .optional()
      .describe("Files that Fly's proxy serves. Not supported: serve them by the program. Told in the conditions."),
  })
  .meta(
    rules(
      {
        rule: '!has(self.exec) || !(has(self.entrypoint) || has(self.command))',
        message: '`exec` stands for both `entrypoint` and `command`: remove these, or `exec`',
        fieldPath: '.exec',
      },
      {
        rule: "!has(self.restart) || !has(self.restart.maxRetries) || (has(self.restart.policy) && self.restart.policy == 'onFailure')",
        message: '`restart.maxRetries` counts failures, so it needs `restart.policy: onFailure`',
        fieldPath: '.restart.maxRetries',
      },
      {
        rule: 'self.app == oldSelf.app',
        message: 'a Machine cannot move to another App: make another Machine',
        fieldPath: '.app',
      },
      {
        rule: '!has(self.mounts) || self.mounts.size() == 0 || !has(oldSelf.mounts) || oldSelf.mounts.size() == 0 || (has(self.region) == has(oldSelf.region) && (!has(self.region) || self.region == oldSelf.region))',
        message: 'region cannot change while the Machine has mounts, because volumes do not move between regions',
        fieldPath: '.region',
      },
      {
        rule: '!has(self.mounts) || self.mounts.all(m, self.mounts.filter(o, o.destination == m.destination).size() == 1)',
        message: 'mounts[].destination: two volumes are mounted at the same path: change one of them',
        fieldPath: '.mounts',
      },
      {
        rule: "!has(self.metadata) || !('fly_process_group' in self.metadata) || self.metadata['fly_process_group'].matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
        message: 'metadata.fly_process_group has at most 63 lower-case letters, digits and `-`: `worker`',
        fieldPath: '.metadata',
      },
      {
        rule: `!has(self.sidecars) || self.sidecars.all(c, c.name != ${processGroup} && (!has(self.init) || self.init.all(i, i.name != c.name)))`,
        message:
          'a container cannot be called as the process group of the machine (`app`) or as another container: rename it',
        fieldPath: '.sidecars',
      },
      {
        rule: `!has(self.init) || self.init.all(c, c.name != ${processGroup})`,
        message: 'a container cannot be called as the process group of the machine (`app`): rename it',
        fieldPath: '.init',
      },
      {
        rule: '!has(self.checks) || (has(self.services) && self.services.size() > 0) || self.checks.all(c, has(c.port))',
        message: 'checks[].port: there is no service to take the port from: write the port to check',
        fieldPath: '.checks',
      },
      {
        rule: "!has(self.services) || self.services.size() == 0 || !has(self.restart) || !has(self.restart.policy) || self.restart.policy == 'always'",
        message: 'a machine that serves must run: write `restart.policy: always`, or remove `services`',
        fieldPath: '.restart.policy',
      },
    ),
  );

export const machineSchema = z
  .object({ spec: machineSpecSchema.describe('What the machine is.'), status: machineStatusSchema })
  .meta(
    rules({
      rule: "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && self.metadata.name.size() <= 63",
      message: 'the name of a Machine has at most 63 lower-case letters, digits and `-`, beginning with a letter',
    }),
  );

export type MachineSpec = z.infer<typeof machineSpecSchema>;
export type MachineService = MachineSpec['services'][number];
/** A Machine with the defaults of its spec. */
export type Machine = Resource<MachineSpec, MachineStatus>;
export type MachineSpecInput = z.input<typeof machineSpecSchema>;
