import * as z from 'zod';
import { appRules, servicesRules, specRules } from './app-rules.ts';
import { type AppStatus, appStatusSchema } from './app-status.ts';
import { appCheckSchema } from './check.ts';
import { deploySchema } from './deploy.ts';
import { domainsSchema, networkSchema } from './network.ts';
import { envSchema, processSchema, restartSchema } from './process.ts';
import type { Resource } from './read.ts';
import { bytes, dnsLabel, dnsSubdomain, duration, image, killTimeout, mapOf, rules, signal } from './scalars.ts';
import { serviceSchema } from './service.ts';
import { filesSchema, metricsSchema, mountsSchema } from './storage.ts';

export const appSpecSchema = z
  .object({
    image: image().describe('Container image: `registry.example.com/acme/hello:1.2.3`.'),
    imagePullSecrets: mapOf(z.object({ name: dnsSubdomain().describe('Name of a core Secret.') }), ['name'], 16)
      .optional()
      .describe('Secrets that open the registry of the image.'),
    primaryRegion: dnsLabel()
      .optional()
      .describe('Region of machines that name no other; `PRIMARY_REGION` in their environment.'),
    env: envSchema().default({}).describe('Environment of every machine. Secrets go before it.'),
    count: z
      .int()
      .min(0)
      .max(1000)
      .optional()
      .describe(
        'Number of machines of the default group: what `kubectl scale` changes, and what an autoscaler needs to be there. See `processes[].count`.',
      ),
    processes: mapOf(processSchema, ['name'], 32)
      .optional()
      .describe('Process groups. Default: one group `app` that runs the image as it is.'),
    services: z
      .array(serviceSchema)
      .max(16)
      .meta(rules(...servicesRules))
      .default([])
      .describe('What the App serves.'),
    checks: mapOf(appCheckSchema, ['name'], 32)
      .default([])
      .describe('Checks that are shown in the status and do not touch traffic.'),
    mounts: mountsSchema.default([]).describe('Volumes. A group with a mount has one volume for each machine.'),
    files: filesSchema.default([]).describe('Files that are put into machines.'),
    metrics: metricsSchema.default([]).describe('Where Prometheus finds the metrics of the App.'),
    deploy: deploySchema.prefault({}).describe('How releases go out.'),
    restart: restartSchema.prefault({}).describe('When a machine whose program has ended is started again.'),
    killSignal: signal().default('SIGINT').describe('Signal that asks a machine to stop.'),
    swap: bytes().optional().describe('Not available on Kubernetes: give `vm.memory` instead. Told in the conditions.'),
    killTimeout: killTimeout().default('5s').describe('Time between that signal and the kill; at most 5 minutes.'),
    domains: domainsSchema.default([]).describe('Host names under which the App is served.'),
    network: networkSchema.prefault({}).describe('Who may connect to the App, and where it may connect to.'),
    deletionProtection: z.boolean().default(false).describe('Whether deleting the App is refused.'),
    expiresAfter: duration()
      .meta(
        rules({
          rule: "duration(self) >= duration('1m') && duration(self) <= duration('8760h')",
          message: 'expiresAfter may be from `1m` to `8760h`, a year',
        }),
      )
      .optional()
      .describe(
        'Time after which the App is deleted, counted anew from each change of its spec: `72h`. At most a year.',
      ),
  })
  .meta(rules(...specRules));

export const appSchema = z
  .object({ spec: appSpecSchema.describe('What should run.'), status: appStatusSchema })
  .meta(rules(...appRules));

export type AppSpec = z.infer<typeof appSpecSchema>;
/** A spec as people write it, with every default left out. */
export type AppSpecInput = z.input<typeof appSpecSchema>;

/** An App after the schema has filled its defaults: what `desired/` and `status/` work on. */
export type App = Resource<AppSpec, AppStatus>;
