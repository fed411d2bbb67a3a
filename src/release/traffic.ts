import { isDeepStrictEqual } from 'node:util';
import type { App } from '../api/app.ts';
import type { Release } from '../api/release.ts';
import type { AppService } from '../api/service.ts';

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

const listening = ({ internalPort, protocol, processes }: Release['spec']['services'][number]) => ({
  internalPort,
  protocol,
  processes,
});
