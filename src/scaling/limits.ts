import type { AppService } from '../api/service.ts';
import { isGated } from '../desired/gated.ts';
import { portNumbers } from '../desired/ports.ts';

/** From when on a machine has enough to do with a service. */
export interface Limit {
  /** Ports that clients connect to. */
  readonly ports: readonly number[];
  readonly softLimit: number;
  readonly type: 'connections' | 'requests';
}

/** https://fly.io/docs/reference/configuration/#services-concurrency */
const usualSoftLimit = 20;

/** The limits of services whose load the gates know. A machine that is at its `hardLimit` has enough to do, too. */
export function limitsOf(services: readonly AppService[]): Limit[] {
  return services.filter(isGated).map(({ ports, concurrency }) => ({
    ports: ports.flatMap(portNumbers),
    softLimit: Math.min(concurrency?.softLimit ?? usualSoftLimit, concurrency?.hardLimit ?? Number.POSITIVE_INFINITY),
    type: concurrency?.type ?? 'connections',
  }));
}
