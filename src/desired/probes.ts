import type { Check } from '../api/check.ts';
import { wholeSeconds } from '../api/duration.ts';
import type { Probe } from '../api/kubernetes.ts';
import type { ReleaseService, ReleaseSpec } from '../api/release.ts';
import { servicesOf } from './groups.ts';

type Handler = Pick<Probe, 'httpGet' | 'tcpSocket'>;

/** More than a century of tries: the probe that waits for the start must never end a machine. */
const never = 2 ** 31 - 1;

export interface Probes {
  readinessProbe?: Probe;
  startupProbe?: Probe;
}

/**
 * A service check decides where traffic goes, so it becomes the readiness probe, and never a liveness probe: on Fly a
 * failing check does not restart a machine (https://fly.io/docs/reference/health-checks/). Until it has passed once it
 * is asked every second, because the first answer decides how fast a machine serves; `interval` holds afterwards.
 */
export function probesOf(spec: ReleaseSpec, group: string): Probes {
  const probed = firstCheck(servicesOf(spec, group));
  if (!probed) return {};
  const handler = handlerOf(probed.service, probed.check);
  const timeoutSeconds = wholeSeconds(probed.check?.timeout ?? '10s', 1);
  return {
    startupProbe: { ...handler, periodSeconds: 1, timeoutSeconds, failureThreshold: never },
    readinessProbe: {
      ...handler,
      periodSeconds: wholeSeconds(probed.check?.interval ?? '15s', 1),
      timeoutSeconds,
      failureThreshold: 1,
    },
  };
}

/** The first check that is written, else that the port of the first tcp service accepts connections. */
function firstCheck(services: ReleaseService[]): { service: ReleaseService; check?: Check } | undefined {
  for (const service of services) {
    const [check] = service.checks;
    if (check) return { service, check };
  }
  const service = services.find(({ protocol }) => protocol === 'tcp');
  return service && { service };
}

function handlerOf(service: ReleaseService, check: Check | undefined): Handler {
  if (check?.type !== 'http') return { tcpSocket: { port: service.internalPort } };
  const headers = Object.entries(check.headers ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    httpGet: {
      path: check.path ?? '/',
      port: service.internalPort,
      scheme: check.protocol === 'https' ? 'HTTPS' : 'HTTP',
      ...(headers.length > 0 && { httpHeaders: headers.map(([name, value]) => ({ name, value })) }),
    },
  };
}
