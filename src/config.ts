import { hostname } from 'node:os';
import * as z from 'zod';
import { logLevels } from './log.ts';

/** A DNS label. */
export const label = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'write a name of lower-case letters, digits and `-`');
/** Words with commas between them. */
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);
export const wholeNumber = (min: number, max: number) => {
  const message = `write a whole number from ${min} to ${max}`;
  return z.coerce.number(message).int(message).min(min, message).max(max, message);
};
/** `5s` as a number. */
export const wholeSeconds = (max: number) => {
  const message = `write whole seconds from 0s to ${max}s`;
  return z
    .string()
    .regex(/^\d{1,9}s$/, message)
    .transform((text) => Number.parseInt(text, 10))
    .refine((seconds) => seconds <= max, message);
};
const valuesOfRegions = (entries: readonly string[]): Record<string, readonly string[]> =>
  Object.fromEntries(
    entries.map((entry) => {
      const [region = '', values = ''] = entry.split('=');
      return [region, Object.freeze(values.split('|'))];
    }),
  );
const regionMap = list
  .pipe(
    z.array(
      z
        .string()
        .regex(
          /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?=[\w.-]{1,63}(\|[\w.-]{1,63})*$/,
          'write regions with values of the node label: iad=us-east-1,fra=eu-central-1|eu-west-1',
        ),
    ),
  )
  .refine(
    (entries) => Object.keys(valuesOfRegions(entries)).length === entries.length,
    'write each region once, its values with `|` between them: fra=eu-central-1|eu-west-1',
  )
  .transform((entries) => Object.freeze(valuesOfRegions(entries)));
/** `20000-29999` as its first and its last port. */
export const portRange = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/, 'write the first and the last port: 20000-29999')
  .transform((text) => {
    const [first = 0, last = 0] = text.split('-').map(Number);
    return { first, last };
  })
  .refine(
    ({ first, last }) => first >= 1 && first <= last && last <= 65_535,
    'write ports from 1 to 65535, the lower one first',
  );
/** A domain in lower case, without a dot at its end. */
const domain = z
  .string()
  .max(189)
  .regex(
    /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)*(?![0-9]+$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    'write a domain such as apps.example.com',
  );
const gatewayName = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/,
    'write NAMESPACE/NAME of a Gateway',
  )
  .transform((text) => {
    const [namespace = '', name = ''] = text.split('/');
    return Object.freeze({ namespace, name });
  });
export const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, `write one of ${values.join(', ')}`);

/** What the operator can be told, each by a variable of its environment. */
const variables = {
  /** Namespace to watch; empty: all. */
  AIRFIELD_NAMESPACE: z.union([z.literal(''), label]).default(''),
  /** Namespace of the Lease by which one of several operators is chosen. */
  AIRFIELD_LEASE_NAMESPACE: label.default('default'),
  /** Name of that Lease. */
  AIRFIELD_LEASE_NAME: label.default('airfield-operator'),
  /** Name of this process among them; unique. */
  AIRFIELD_IDENTITY: z.string().min(1).max(128).default(`${hostname()}-${process.pid}`),
  /** Address and port of /healthz, /readyz and /metrics; port 0 is any free one. */
  AIRFIELD_HOST: z.string().min(1).default('0.0.0.0'),
  AIRFIELD_PORT: wholeNumber(0, 65535).default(8080),
  /** How many Apps are worked on at once. */
  AIRFIELD_CONCURRENCY: wholeNumber(1, 256).default(8),
  AIRFIELD_LOG_LEVEL: oneOf(logLevels).default('info'),
  /** Region of machines that name none. */
  AIRFIELD_DEFAULT_REGION: label.default('local'),
  /** Regions as nodes know them, by `topology.kubernetes.io/region`; one that is not named here has its own name there. */
  AIRFIELD_REGIONS: regionMap.default({}),
  /** Whether machines run elsewhere where no node of their region has room for them. */
  AIRFIELD_REGION_MODE: oneOf(['prefer', 'require']).default('prefer'),
  /** DNS domain of the cluster. */
  AIRFIELD_CLUSTER_DOMAIN: z
    .string()
    .regex(/^[a-z0-9.-]+$/, 'write a domain such as cluster.local')
    .default('cluster.local'),
  /** Whether the cluster's CoreDNS has the rewrite of the chart, so that process groups and regions have names. */
  AIRFIELD_DNS_REWRITE: oneOf(['on', 'off']).default('off'),
  /** Pod Security Standard that machines pass. */
  AIRFIELD_POD_SECURITY: oneOf(['baseline', 'restricted']).default('baseline'),
  /** Namespaces of the ingress, separated by commas: they may connect to the ports that Apps serve. */
  AIRFIELD_INGRESS_NAMESPACES: list.pipe(z.array(label)).default([]),
  /** Namespaces of Prometheus, separated by commas: they may connect to the metrics of Apps. */
  AIRFIELD_MONITORING_NAMESPACES: list.pipe(z.array(label)).default([]),
  /** Namespace of the operator's own pods, which ask what checks of Apps want to know; without one nobody is asked. */
  AIRFIELD_OPERATOR_NAMESPACE: label.optional(),
  /** Image of the containers that do nothing but carry a check beyond the first one. */
  AIRFIELD_PAUSE_IMAGE: z
    .string()
    .regex(/^\S+$/, 'write an image such as registry.k8s.io/pause:3.10')
    .default('registry.k8s.io/pause:3.10'),
  /** How a machine is told its `killSignal`; `auto` is the program for the nodes' architecture, else a shell. */
  AIRFIELD_STOP_HOOK: oneOf(['auto', 'amd64', 'arm64', 'shell', 'native']).default('auto'),
  /** How long a machine that serves goes on serving while its address is withdrawn, before it is told to stop. */
  AIRFIELD_DRAIN: wholeSeconds(60).default(5),
  /** Namespace of the gates' pods; without one there are no gates, and what needs them is told in the conditions. */
  AIRFIELD_GATES_NAMESPACE: label.optional(),
  /** Ports of the gates that services of Apps may have: AIRFIELD_GATE_PORTS of the gates. */
  AIRFIELD_GATES_PORTS: portRange.default({ first: 20_000, last: 29_999 }),
  /** Whether policies say who may connect to those ports; all others of the gates are closed then. */
  AIRFIELD_GATES_POLICIES: oneOf(['on', 'off']).default('off'),
  /** Where gates read certificates: AIRFIELD_GATE_CERTIFICATES_NAMESPACE of the gates. Without one, in their own namespace. */
  AIRFIELD_GATES_CERTIFICATES_NAMESPACE: label.optional(),
  /** AIRFIELD_GATE_TOKEN of the gates; without it no machine is stopped, for none can be drained before. */
  AIRFIELD_GATES_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,256}$/, 'write 16 to 256 letters, digits and signs')
    .optional(),
  /** For how long a machine has to have been too many before it is stopped. */
  AIRFIELD_STOP_AFTER: wholeSeconds(86_400).default(180),
  /** Who serves Apps under their host names from outside of the cluster. */
  AIRFIELD_EDGE: oneOf(['none', 'gate', 'ingress', 'httproute']).default('none'),
  /** Domain under which each App has a host of its own name. */
  AIRFIELD_BASE_DOMAIN: domain.optional(),
  /** Class of the Ingresses; without one that of the cluster. */
  AIRFIELD_INGRESS_CLASS: z
    .string()
    .max(253)
    .regex(/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/, 'write the name of an IngressClass such as nginx')
    .optional(),
  /** Gateway that HTTPRoutes are attached to. */
  AIRFIELD_GATEWAY: gatewayName.optional(),
  /** Whether ports that no edge serves are led in from outside. */
  AIRFIELD_RAW_PORTS: oneOf(['none', 'loadBalancer']).default('none'),
};

const allVariables = z.object(variables);
type Variables = z.infer<typeof allVariables>;

/** Settings of an edge that is not there would be ignored silently. */
function refuseContradictions(env: Variables, { addIssue }: Pick<z.RefinementCtx, 'addIssue'>): void {
  const { AIRFIELD_EDGE: edge } = env;
  const problem = (name: keyof Variables, message: string) => addIssue({ code: 'custom', path: [name], message });
  if (edge === 'gate' && !env.AIRFIELD_GATES_NAMESPACE)
    problem('AIRFIELD_EDGE', 'gate needs gates: write their namespace into AIRFIELD_GATES_NAMESPACE');
  if (edge === 'httproute' && !env.AIRFIELD_GATEWAY)
    problem('AIRFIELD_EDGE', 'httproute needs a Gateway: write its NAMESPACE/NAME into AIRFIELD_GATEWAY');
  if (edge === 'none' && env.AIRFIELD_BASE_DOMAIN)
    problem('AIRFIELD_BASE_DOMAIN', 'needs an edge: write gate, ingress or httproute into AIRFIELD_EDGE, or remove it');
  if (edge !== 'ingress' && env.AIRFIELD_INGRESS_CLASS)
    problem('AIRFIELD_INGRESS_CLASS', 'needs AIRFIELD_EDGE=ingress: write that, or remove it');
  if (edge !== 'httproute' && env.AIRFIELD_GATEWAY)
    problem('AIRFIELD_GATEWAY', 'needs AIRFIELD_EDGE=httproute: write that, or remove it');
}

function gatesOf(env: Variables) {
  if (!env.AIRFIELD_GATES_NAMESPACE) return undefined;
  return Object.freeze({
    namespace: env.AIRFIELD_GATES_NAMESPACE,
    ports: Object.freeze(env.AIRFIELD_GATES_PORTS),
    policies: env.AIRFIELD_GATES_POLICIES === 'on',
    certificates: env.AIRFIELD_GATES_CERTIFICATES_NAMESPACE ?? env.AIRFIELD_GATES_NAMESPACE,
  });
}

function edgeOf(env: Variables) {
  const { AIRFIELD_EDGE: kind, AIRFIELD_BASE_DOMAIN: baseDomain, AIRFIELD_GATEWAY: gateway } = env;
  if (kind === 'gate') return Object.freeze({ kind, baseDomain });
  if (kind === 'ingress') return Object.freeze({ kind, baseDomain, ingressClass: env.AIRFIELD_INGRESS_CLASS });
  return kind === 'httproute' && gateway ? Object.freeze({ kind, baseDomain, gateway }) : undefined;
}

const schema = allVariables.superRefine(refuseContradictions).transform((env) => ({
  namespace: env.AIRFIELD_NAMESPACE || undefined,
  lease: Object.freeze({
    namespace: env.AIRFIELD_LEASE_NAMESPACE,
    name: env.AIRFIELD_LEASE_NAME,
    identity: env.AIRFIELD_IDENTITY,
  }),
  host: env.AIRFIELD_HOST,
  port: env.AIRFIELD_PORT,
  concurrency: env.AIRFIELD_CONCURRENCY,
  logLevel: env.AIRFIELD_LOG_LEVEL,
  /** To be resolved with the architectures of the nodes before it becomes a part of the settings. */
  stopHook: env.AIRFIELD_STOP_HOOK,
  gatesToken: env.AIRFIELD_GATES_TOKEN,
  stopAfterSeconds: env.AIRFIELD_STOP_AFTER,
  settings: Object.freeze({
    defaultRegion: env.AIRFIELD_DEFAULT_REGION,
    regions: Object.freeze({ mode: env.AIRFIELD_REGION_MODE, labels: env.AIRFIELD_REGIONS }),
    clusterDomain: env.AIRFIELD_CLUSTER_DOMAIN,
    dnsRewrite: env.AIRFIELD_DNS_REWRITE === 'on',
    podSecurity: env.AIRFIELD_POD_SECURITY,
    ingressNamespaces: env.AIRFIELD_INGRESS_NAMESPACES,
    monitoringNamespaces: env.AIRFIELD_MONITORING_NAMESPACES,
    operatorNamespace: env.AIRFIELD_OPERATOR_NAMESPACE,
    pauseImage: env.AIRFIELD_PAUSE_IMAGE,
    drainSeconds: env.AIRFIELD_DRAIN,
    gates: gatesOf(env),
    edge: edgeOf(env),
    rawPorts: env.AIRFIELD_RAW_PORTS,
  }),
}));

export type Config = Readonly<z.infer<typeof schema>>;

/**
 * Throws an Error with one line for each variable that is wrong: its name, and what to write instead. A variable that is
 * empty is as one that is not there.
 */
export function readConfig(env: Environment): Config {
  return readVariables(env, { schema, names: Object.keys(variables), own: /^AIRFIELD_(?!TEST_|KEEP_|CACHE)/ });
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The same for the variables of any program. A variable that `own` matches and that is none of `names` is refused. */
export function readVariables<T extends object>(
  env: Environment,
  { schema, names, own }: { schema: z.ZodType<T>; names: readonly string[]; own: RegExp },
): Readonly<T> {
  const given = Object.fromEntries(Object.entries(env).filter(([name, value]) => value && !isServiceLink(name, value)));
  const unknown = Object.keys(given).filter((name) => own.test(name) && !names.includes(name));
  const result = schema.safeParse(given);
  const problems = [
    ...unknown.map((name) => `${name}: there is no such setting; there are ${names.join(', ')}`),
    ...(result.error?.issues ?? []).map(({ path, message }) => `${path[0]?.toString()}: ${message}`),
  ];
  if (problems.length > 0 || !result.success) throw new Error(problems.join('\n'));
  return Object.freeze(result.data);
}

/**
 * For a Service called `airfield` Kubernetes gives the pods of its namespace AIRFIELD_PORT=tcp://10.0.0.1:8080 and more.
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
function isServiceLink(name: string, value: string): boolean {
  return /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP|SCTP)/.test(name) || /^(tcp|udp|sctp):\/\//.test(value);
}
