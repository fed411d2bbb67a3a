import * as z from 'zod';
import { serviceCheckSchema } from './check.ts';
import { responseHeaders } from './header.ts';
import { anyText, duration, image, port, processes, rules, signal } from './scalars.ts';

const httpOptionsSchema = z.object({
  compress: z.boolean().optional().describe('Compress answers.'),
  h2Backend: z.boolean().optional().describe('Speak HTTP/2 without TLS to the app.'),
  idleTimeout: duration().optional().describe('Close a connection after this time without a byte.'),
  headersReadTimeout: duration().optional().describe('Time a client has to send its request headers.'),
  response: z
    .object({
      headers: responseHeaders().optional().describe('Response headers to set; an empty list removes one.'),
      pristine: z.boolean().optional().describe('Add no headers of the proxy to answers.'),
    })
    .optional()
    .describe('What is changed in answers.'),
});

const tlsOptionsSchema = z.object({
  alpn: z
    .array(z.enum(['h2', 'http/1.1']))
    .max(2)
    .optional()
    .describe('Protocols to offer.'),
  versions: z
    .array(z.enum(['TLSv1.2', 'TLSv1.3']))
    .max(2)
    .optional()
    .describe('TLS versions to accept.'),
  defaultSelfSigned: z.boolean().optional().describe('Answer unknown names with a self-signed certificate.'),
});

export const servicePortSchema = z
  .object({
    port: port().optional().describe('Port that clients connect to.'),
    startPort: port().optional().describe('First port of a range, instead of `port`.'),
    endPort: port().optional().describe('Last port of a range.'),
    handlers: z
      .array(z.enum(['http', 'tls', 'proxyProto', 'pgTls', 'edgeHttp']))
      .max(5)
      .default([])
      .describe('What happens to the connection on its way, as on Fly. Empty: TCP or UDP as it comes.'),
    forceHttps: z.boolean().default(false).describe('Redirect http to https (needs the `http` handler).'),
    httpOptions: httpOptionsSchema.optional().describe('Options of the `http` handler.'),
    tlsOptions: tlsOptionsSchema.optional().describe('Options of the `tls` handler.'),
    proxyProtoOptions: z
      .object({ version: z.enum(['v1', 'v2']).describe('Version of the PROXY protocol.') })
      .optional()
      .describe('Options of the `proxyProto` handler.'),
  })
  .meta(
    rules(
      {
        rule: 'has(self.port) ? !has(self.startPort) && !has(self.endPort) : has(self.startPort) && has(self.endPort)',
        message: 'write either `port`, or `startPort` and `endPort`',
      },
      {
        rule: '!has(self.startPort) || !has(self.endPort) || (self.startPort <= self.endPort && self.endPort - self.startPort < 100)',
        message: '`endPort` must not be below `startPort`, and a range has at most 100 ports',
      },
      {
        rule: "!self.?forceHttps.orValue(false) || has(self.handlers) && self.handlers.exists(h, h == 'http')",
        message: '`forceHttps` needs `handlers: [http]`',
      },
    ),
  );

export const concurrencySchema = z
  .object({
    type: z.enum(['connections', 'requests']).default('connections').describe('What is counted.'),
    softLimit: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('Load at which another machine is preferred or started.'),
    hardLimit: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('Load above which a machine gets no more. Default: none.'),
  })
  .meta(
    rules({
      rule: '!has(self.softLimit) || !has(self.hardLimit) || self.softLimit <= self.hardLimit',
      message: '`softLimit` must not be above `hardLimit`',
    }),
  );

export const serviceSchema = z.object({
  internalPort: port().describe('Port that the app listens on, on all addresses of its machine.'),
  protocol: z.enum(['tcp', 'udp']).default('tcp').describe('Protocol of the service.'),
  ports: z.array(servicePortSchema).max(16).default([]).describe('Ports that clients connect to.'),
  processes: processes().optional().describe('Process groups that serve. Default: the default group.'),
  autoStop: z
    .enum(['off', 'stop', 'suspend'])
    .default('off')
    .describe(
      'Whether machines without work are stopped, or, with `suspend`, keep their memory and give back their CPU.',
    ),
  autoStart: z.boolean().default(true).describe('Whether a request starts a stopped machine.'),
  minMachinesRunning: z.int().min(0).max(1000).default(0).describe('Machines that keep running without work.'),
  concurrency: concurrencySchema.optional().describe('How much work one machine takes.'),
  checks: z
    .array(serviceCheckSchema)
    .max(16)
    .default([])
    .describe(
      'Checks that a machine must pass to get traffic. Without any, a tcp service checks that its port accepts connections.',
    ),
  machineChecks: z
    .array(
      z.object({
        image: image().optional().describe("Image of the check. Default: the App's."),
        entrypoint: z.array(anyText(4096)).max(64).optional().describe('Replaces the entrypoint of the image.'),
        command: z.array(anyText(4096)).max(64).optional().describe('Command to run; exit code 0 passes.'),
        killSignal: signal().optional().describe('Signal that ends the check.'),
        killTimeout: duration().optional().describe('Time between the signal and the kill.'),
      }),
    )
    .max(8)
    .optional()
    .describe('Programs that must succeed against a new machine during a release.'),
});

export type AppService = z.infer<typeof serviceSchema>;
export type ServicePort = z.infer<typeof servicePortSchema>;
