import * as z from 'zod';
import { ofTheConnection, responseHeaderName } from './header.ts';
import { slots } from './release.ts';
import { dnsLabel, dnsSubdomain, duration, port, processes } from './scalars.ts';

/** All that a gate can add to one answer without running out of its buffer. */
const headerBytes = 4096;

const headerName = z
  .string()
  .regex(responseHeaderName, 'must be a header name: letters, digits and dashes')
  .refine((name) => !ofTheConnection.test(name), 'belongs to the connection and cannot be changed: remove it');

const headerValue = z
  .string()
  .max(headerBytes)
  .regex(/^[\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?$/, 'must be visible ASCII; to remove a header write an empty list');

const responseHeaders = z
  .record(headerName, z.array(headerValue).max(16))
  .refine((headers) => JSON.stringify(headers).length <= headerBytes, `must have at most ${headerBytes} bytes`);

const routeHttpSchema = z.strictObject({
  forceHttps: z.boolean().default(false).describe('Redirect what did not come by https.'),
  compress: z.boolean().default(false).describe('Compress answers.'),
  h2Backend: z.boolean().default(false).describe('Speak HTTP/2 without TLS to the machine.'),
  pristine: z.boolean().default(false).describe('Add no headers of the gate to answers.'),
  idleTimeout: duration().optional().describe('Time without a byte after which it ends. Default: 60s; upgraded: 1h.'),
  headersReadTimeout: duration().default('30s').describe('Time a client has to send its request headers.'),
  responseHeaders: responseHeaders.default({}).describe('Response headers to set; an empty list removes one.'),
});

/** A DNS name as clients send it; `*.` stands for one label, as in certificates. Addresses are none. */
export const hostName = z
  .string()
  .max(253)
  .regex(
    /^(\*\.)?([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)*(?![0-9]+$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    'must be a host name in lower case, like `example.com` or `*.example.com`',
  );

const routeTlsSchema = z.strictObject({
  alpn: z
    .array(z.enum(['h2', 'http/1.1']))
    .min(1)
    .max(2)
    .optional()
    .describe('Protocols to offer. Default: both in mode `http`, none in mode `tcp`.'),
  versions: z
    .array(z.enum(['TLSv1.2', 'TLSv1.3']))
    .min(1)
    .max(2)
    .default(['TLSv1.2', 'TLSv1.3']),
  selfSigned: z.boolean().default(false).describe('Answer with a self-signed certificate where there is no other.'),
});

/**
 * One port of an App as a gate serves it. The operator writes it as JSON; a gate reads it as if anybody had written it,
 * so no field may carry more than it says. Durations above a day are taken as a day.
 */
export const routeSchema = z
  .strictObject({
    namespace: dnsLabel(),
    app: dnsLabel(),
    listenPort: port()
      .optional()
      .describe('Port of the gate that only this route has. Without one it is served at the edge alone.'),
    hosts: z
      .array(hostName)
      .max(256)
      .default([])
      .describe('Names by which the edge and certificates know it; `*.` stands for one label.'),
    port: port().describe('Port that clients connect to; told to the machine in headers.'),
    internalPort: port().describe('Port of the machines.'),
    mode: z.enum(['http', 'tcp']).describe('`http`: requests are read. `tcp`: bytes as they come.'),
    http: routeHttpSchema.prefault({}).describe('What the http handler does (mode `http`).'),
    tls: routeTlsSchema.optional().describe('The gate ends TLS, with the certificates of `hosts`.'),
    proxyProtocol: z.enum(['v1', 'v2']).optional().describe('Say the client to the machine in this PROXY protocol.'),
    concurrency: z
      .strictObject({
        type: z.enum(['connections', 'requests']).default('connections'),
        softLimit: z.int().min(1).max(1_000_000).default(20).describe('Load at which others are preferred.'),
        hardLimit: z
          .int()
          .min(1)
          .max(1_000_000)
          .optional()
          .describe('Load of a machine that waits for room. Default: none.'),
      })
      .prefault({}),
    autoStart: z.boolean().default(true).describe('Whether a request starts a machine.'),
    hold: z
      .strictObject({
        number: z
          .int()
          .min(0)
          .max(100_000)
          .default(500)
          .describe('Requests or connections that wait at once, in one gate.'),
        time: duration().default('60s').describe('How long one waits, for a machine or for room on one.'),
      })
      .prefault({}),
    machines: z
      .strictObject({
        slot: z.enum(slots).optional(),
        processes: processes().optional(),
        machine: dnsLabel().optional().describe('Name of the one Machine.'),
      })
      .prefault({})
      .describe('Labels of the machines, beside those of the App. Absent ones do not matter.'),
    wake: z
      .array(z.strictObject({ kind: z.enum(['Deployment', 'StatefulSet']), name: dnsSubdomain() }))
      .max(64)
      .default([])
      .describe('Workloads of the App of which one gets a machine where there is none: the first whose scale is 0.'),
  })
  .refine(({ mode, http }) => mode === 'http' || JSON.stringify(http) === plainHttp, 'needs `mode: http`: `http`')
  .refine((route) => route.listenPort !== undefined || (edgePort(route) && route.hosts.length > 0), {
    path: ['listenPort'],
    message: 'is needed, or `hosts` and the port 80 with `mode: http`, or 443 with `tls`',
  });

export type Route = z.infer<typeof routeSchema>;

interface OnPort {
  readonly port: number;
  readonly mode: string;
  readonly tls?: object | undefined;
}

/** The port of the edge that serves a route if it has hosts, and the gate has an edge. */
export function edgePort({ port, mode, tls }: OnPort): 80 | 443 | undefined {
  if (port === 80 && mode === 'http' && !tls) return 80;
  return port === 443 && tls ? 443 : undefined;
}

const plainHttp = JSON.stringify(routeHttpSchema.parse({}));
