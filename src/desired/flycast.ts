import type { App } from '../api/app.ts';
import type { EndpointSlice, ObservedService } from '../api/kubernetes.ts';
import { hostSlice } from './host-slice.ts';
import { flycastService } from './internal.ts';

/** `<app>.flycast`: the address of the App's Service, as an endpoint of the headless Service `flycast`. */
export function flycastSlice(app: App, service: ObservedService | undefined): EndpointSlice | undefined {
  const address = service?.spec?.clusterIP;
  return address && address !== 'None' ? hostSlice(app, flycastService, [address]) : undefined;
}
