import type { Check } from '../api/check.ts';
import { wholeSeconds } from '../api/duration.ts';
import type { Probe } from '../api/kubernetes.ts';
import type { ReleaseSpec } from '../api/release.ts';
import { servicesOf } from './groups.ts';

type Handler = Pick<Probe, 'httpGet' | 'tcpSocket'>;

/** More than a century of tries: the probe that waits for the start must never end a machine. */
const never = 2 ** 31 - 1;

/** Bounds of the durations of a service check, in seconds; flyctl moves what is beyond them, too. */
const bounds = { least: 1, most: 60 } as const;

export interface Probes {
  readonly readinessProbe: Probe;
  readonly startupProbe: Probe;
}

/**
 * What a machine of a group must pass to get traffic: one pair of probes for each check of its services. A service check
 * becomes a readiness probe, and never a liveness probe: on Fly a failing check does not restart a machine
 * (https://fly.io/docs/reference/health-checks/). Until it has passed once it is asked every second, because the first
 * answer decides how fast a machine serves; `interval` holds afterwards. Without any check the port of the first tcp
 * service must accept connections.
 */
export function probesOf(spec: ReleaseSpec, group: string): Probes[] {
  const services = servicesOf(spec, group);
  const checks = services.flatMap(({ checks, internalPort }) => checks.map((check) => probes(internalPort, check)));
  const listening = services.filter(({ protocol }) => protocol === 'tcp').slice(0, 1);
  const found = checks.length > 0 ? checks : listening.map(({ internalPort }) => probes(internalPort));
  return [...new Map(found.map((pair) => [JSON.stringify(pair), pair])).values()];
}

function probes(port: number, check?: Check): Probes {
  const handler = handlerOf(port, check);
  const timeoutSeconds = bounded(check?.timeout ?? '10s');
  return {
    startupProbe: { ...handler, periodSeconds: 1, timeoutSeconds, failureThreshold: never },
    readinessProbe: {
      ...handler,
      periodSeconds: bounded(check?.interval ?? '15s'),
      timeoutSeconds,
      failureThreshold: 1,
    },
  };
}

function bounded(duration: string): number {
  return Math.min(wholeSeconds(duration, bounds.least), bounds.most);
}

/** The kubelet asks with GET, and does not look at certificates. */
function handlerOf(port: number, check: Check | undefined): Handler {
  if (check?.type !== 'http') return { tcpSocket: { port } };
  const headers = Object.entries(check.headers ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    httpGet: {
      path: check.path ?? '/',
      port,
      scheme: check.protocol === 'https' ? 'HTTPS' : 'HTTP',
      ...(headers.length > 0 && { httpHeaders: headers.map(([name, value]) => ({ name, value })) }),
    },
  };
}
