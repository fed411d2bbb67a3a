import * as z from 'zod';
import { gateAdminPort } from '../api/gate.ts';
import {
  type Environment,
  label,
  list,
  oneOf,
  portRange,
  readVariables,
  wholeNumber,
  wholeSeconds,
} from '../config.ts';
import { logLevels } from '../log.ts';
import { defaults, type GateSettings, haproxyModes } from './settings.ts';

const address = z.union([z.ipv4(), z.ipv6()], 'write IP addresses with commas between them: 0.0.0.0');
const network = z.union([z.cidrv4(), z.cidrv6()], 'write networks with commas between them: 10.0.0.0/8');
const edgePort = z.union([z.literal('').transform(() => undefined), wholeNumber(1, 65_535)]).optional();

/** What a gate can be told, each by a variable of its environment. */
const variables = {
  /** Namespace to watch; empty: all. */
  AIRFIELD_GATE_NAMESPACE: z.union([z.literal(''), label]).default(''),
  /** Address and port of /healthz, /readyz, /metrics, /load and /drain; port 0 is any free one. */
  AIRFIELD_GATE_HOST: z.string().min(1).default('0.0.0.0'),
  AIRFIELD_GATE_PORT: wholeNumber(0, 65_535).default(gateAdminPort),
  /** What whoever asks for /drain has to know; without one nobody may. */
  AIRFIELD_GATE_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,256}$/, 'write 16 to 256 letters, digits and signs')
    .optional(),
  AIRFIELD_GATE_LOG_LEVEL: oneOf(logLevels).default('info'),
  /** Addresses that routes are served on. */
  AIRFIELD_GATE_ADDRESSES: list.pipe(z.array(address).min(1)).default(defaults.addresses),
  /** Ports that routes may have. */
  AIRFIELD_GATE_PORTS: portRange.default({ first: 20_000, last: 29_999 }),
  /** Folder of its own; sockets in it have paths of at most 107 bytes. */
  AIRFIELD_GATE_DIRECTORY: z
    .string()
    .regex(
      /^\/[\w./-]{1,79}$/,
      'write the path of a folder from the root on: at most 80 letters, digits, dots and dashes',
    )
    .default('/tmp/airfield-gate'),
  /** The program. */
  AIRFIELD_GATE_HAPROXY: z.string().min(1).default(defaults.haproxy),
  /** Who starts it: the gate, or a container beside it, which outlives the gate. */
  AIRFIELD_GATE_HAPROXY_MODE: oneOf(haproxyModes).default('child'),
  /** Region that requests are told they came in by. */
  AIRFIELD_GATE_REGION: label.default('local'),
  /** Networks of ingresses: what they say of the client is believed. */
  AIRFIELD_GATE_TRUSTED_NETWORKS: list.pipe(z.array(network)).default([]),
  /** Networks of load balancers: their connections begin with a header of the PROXY protocol. */
  AIRFIELD_GATE_ACCEPT_PROXY: list.pipe(z.array(network)).default([]),
  /** Ports of the edge, where hosts decide which App is meant. */
  AIRFIELD_GATE_EDGE_HTTP: edgePort,
  AIRFIELD_GATE_EDGE_HTTPS: edgePort,
  /** Where Secrets with certificates are. */
  AIRFIELD_GATE_CERTIFICATES_NAMESPACE: z.union([z.literal(''), label]).default(''),
  /** Threads of HAProxy, connections of clients at once, and how many wait for machines at once. */
  AIRFIELD_GATE_THREADS: wholeNumber(1, 64).default(defaults.threads),
  AIRFIELD_GATE_MAX_CONNECTIONS: wholeNumber(1, 1_000_000).default(defaults.maxConnections),
  AIRFIELD_GATE_MAX_HELD: wholeNumber(0, 1_000_000).default(defaults.maxHeld),
  /** Whether HAProxy writes a line of JSON for each request and connection to its standard output. */
  AIRFIELD_GATE_ACCESS_LOG: oneOf(['off', 'on']).default('off'),
  /** How long it goes on taking what comes after it was asked to stop, while its address is withdrawn. */
  AIRFIELD_GATE_DRAIN: wholeSeconds(600).default(5),
  /** How long what is under way then may take. */
  AIRFIELD_GATE_GRACE: wholeSeconds(86_400).default(60),
};

const schema = z
  .object(variables)
  .superRefine((env, context) => {
    for (const name of ['AIRFIELD_GATE_PORT', 'AIRFIELD_GATE_EDGE_HTTP', 'AIRFIELD_GATE_EDGE_HTTPS'] as const) {
      const message = portProblem(env, name);
      if (message) context.addIssue({ code: 'custom', path: [name], message });
    }
  })
  .transform((env) => ({
    namespace: env.AIRFIELD_GATE_NAMESPACE || undefined,
    certificatesNamespace: env.AIRFIELD_GATE_CERTIFICATES_NAMESPACE || undefined,
    host: env.AIRFIELD_GATE_HOST,
    port: env.AIRFIELD_GATE_PORT,
    token: env.AIRFIELD_GATE_TOKEN,
    logLevel: env.AIRFIELD_GATE_LOG_LEVEL,
    ports: Object.freeze(env.AIRFIELD_GATE_PORTS),
    drainSeconds: env.AIRFIELD_GATE_DRAIN,
    graceSeconds: env.AIRFIELD_GATE_GRACE,
    settings: Object.freeze({
      directory: env.AIRFIELD_GATE_DIRECTORY,
      haproxy: env.AIRFIELD_GATE_HAPROXY,
      haproxyMode: env.AIRFIELD_GATE_HAPROXY_MODE,
      region: env.AIRFIELD_GATE_REGION,
      addresses: env.AIRFIELD_GATE_ADDRESSES,
      trustedNetworks: env.AIRFIELD_GATE_TRUSTED_NETWORKS,
      acceptProxy: env.AIRFIELD_GATE_ACCEPT_PROXY,
      edgeHttp: env.AIRFIELD_GATE_EDGE_HTTP,
      edgeHttps: env.AIRFIELD_GATE_EDGE_HTTPS,
      threads: env.AIRFIELD_GATE_THREADS,
      maxConnections: env.AIRFIELD_GATE_MAX_CONNECTIONS,
      maxHeld: env.AIRFIELD_GATE_MAX_HELD,
      accessLog: env.AIRFIELD_GATE_ACCESS_LOG === 'on',
    } satisfies GateSettings),
  }));

export type GateConfig = Readonly<z.infer<typeof schema>>;

/** The first and the last one. */
export type PortRange = GateConfig['ports'];

export const isWithin = ({ first, last }: { readonly first: number; readonly last: number }, port: number) =>
  first <= port && port <= last;

interface Ports {
  readonly AIRFIELD_GATE_PORTS: { readonly first: number; readonly last: number };
  readonly AIRFIELD_GATE_PORT: number;
  readonly AIRFIELD_GATE_EDGE_HTTP?: number | undefined;
  readonly AIRFIELD_GATE_EDGE_HTTPS?: number | undefined;
}

function portProblem({ AIRFIELD_GATE_PORTS: ofRoutes, ...own }: Ports, name: keyof typeof own): string | undefined {
  const port = own[name];
  if (!port) return undefined;
  if (isWithin(ofRoutes, port)) return 'write a port that is not one of AIRFIELD_GATE_PORTS, which are those of routes';
  const names = ['AIRFIELD_GATE_PORT', 'AIRFIELD_GATE_EDGE_HTTP', 'AIRFIELD_GATE_EDGE_HTTPS'] as const;
  const first = names.find((other) => own[other] === port);
  return first === name ? undefined : `write a port that is not that of ${first}`;
}

/** Throws an Error with one line for each variable that is wrong: its name, and what to write instead. */
export function readGateConfig(env: Environment): GateConfig {
  return readVariables(env, { schema, names: Object.keys(variables), own: /^AIRFIELD_GATE_/ });
}
