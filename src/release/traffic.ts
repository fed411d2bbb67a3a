import { isDeepStrictEqual } from 'node:util';
import type { App } from '../api/app.ts';
import type { Release } from '../api/release.ts';
import type { AppService } from '../api/service.ts';
import { maySleep } from '../desired/scaled.ts';
import type { Workload } from '../desired/workloads.ts';

/**
 * The services through which traffic comes. While another release serves than the one that the App asks for, and the two
 * listen on different ports, they are those of the one that serves: its machines do not have the new ports.
 */
export function servicesInTraffic(app: App, current: Release, serving: Release | undefined): readonly AppService[] {
  const isSettled = !serving || serving === current;
  if (isSettled && current.rollbackOf === undefined) return app.spec.services;
  const { spec, services } = isSettled ? current : serving;
  const today = app.spec.services.map(listening);
  return isDeepStrictEqual(today, spec.services.map(listening)) ? app.spec.services : services;
}

/**
 * A workload as its traffic comes: as long as that comes past the gates, as it did when what serves was released, nobody
 * sees whether there is work, and no machine is stopped, whatever the App says by now.
 */
export function asServed(workload: Workload, services: readonly AppService[]): Workload {
  const { scale, ...whole } = workload;
  return scale && !maySleep({ ...workload.release.spec, services }, workload.group.name) ? whole : workload;
}

const listening = ({ internalPort, protocol, processes }: Release['spec']['services'][number]) => ({
  internalPort,
  protocol,
  processes,
});
