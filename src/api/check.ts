import * as z from 'zod';
import { requestHeaders } from './header.ts';
import { dnsLabel, duration, port, processes, rules, text } from './scalars.ts';

const checkFields = {
  type: z.enum(['tcp', 'http']).describe('`tcp`: the port accepts a connection. `http`: the path answers 2xx.'),
  path: text(1024).optional().describe('Path of an http check. Default: `/`.'),
  method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    .optional()
    .describe('Method of an http check. Default: GET.'),
  protocol: z.enum(['http', 'https']).optional().describe('Protocol of an http check. Default: http.'),
  headers: requestHeaders().optional().describe('Request headers of an http check.'),
  tlsSkipVerify: z.boolean().optional().describe('Accept any certificate (https). Default: false.'),
  tlsServerName: text(253).optional().describe('Server name to ask for (https).'),
  interval: duration().default('15s').describe('Time between two checks, from `1s` to `1m`: `10s`.'),
  timeout: duration()
    .default('10s')
    .describe('Time after which a check without an answer has failed, from `1s` to `1m`.'),
  gracePeriod: duration()
    .optional()
    .describe(
      'Time after the start in which a failing check is not yet a failed release. It delays nothing: a machine serves as soon as its check passes.',
    ),
};

const httpOnly = rules({
  rule: "self.type == 'http' || !(has(self.path) || has(self.method) || has(self.protocol) || has(self.headers) || has(self.tlsSkipVerify) || has(self.tlsServerName))",
  message: 'a tcp check has no path, method, protocol, headers or TLS settings: remove them, or write `type: http`',
});

/**
 * A check of a service; durations beyond the bounds are moved to them, as flyctl does. It decides where traffic goes; as
 * on Fly, a failing check never restarts a machine.
 */
export const serviceCheckSchema = z.object(checkFields).meta(httpOnly);

/** A check of the App itself. It is shown in the status and does not touch traffic. */
export const appCheckSchema = z
  .object({
    name: dnsLabel().describe('Name of the check.'),
    port: port().optional().describe('Port to check. Default: the internal port of the first service.'),
    ...checkFields,
    gracePeriod: duration().optional().describe('Time after the start of a machine in which a failure is not counted.'),
    processes: processes().optional().describe('Process groups that are checked. Default: the default group.'),
  })
  .meta(
    rules(
      ...httpOnly['x-kubernetes-validations'],
      {
        rule: "!has(self.interval) || duration(self.interval) >= duration('2s')",
        message: 'the interval of a check of the App must be at least `2s`',
        fieldPath: '.interval',
      },
      {
        rule: "!has(self.timeout) || duration(self.timeout) <= duration('1m')",
        message: 'the timeout of a check of the App may be at most `1m`',
        fieldPath: '.timeout',
      },
    ),
  );

export type Check = z.infer<typeof serviceCheckSchema>;
export type AppCheck = z.infer<typeof appCheckSchema>;
