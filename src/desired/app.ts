import type { App } from '../api/app.ts';
import type { AnyChild, ObservedService } from '../api/kubernetes.ts';
import { deployment } from './deployment.ts';
import { flycastSlice } from './flycast.ts';
import { groupsOf } from './groups.ts';
import { networkPolicy } from './network-policy.ts';
import { appService } from './service.ts';
import type { Settings } from './settings.ts';

/** What children look like at the moment, where one child depends on what the cluster made of another. */
export interface AppObserved {
  /** The App's Service, once it has an address. */
  service?: ObservedService | undefined;
}

/** Everything that an App becomes, in the order in which it is applied: locked down first, machines last. */
export function appChildren(app: App, observed: AppObserved, settings: Settings): AnyChild[] {
  const service = appService(app);
  const flycast = service && flycastSlice(app, observed.service);
  return [
    networkPolicy(app, settings),
    ...(service ? [service] : []),
    ...(flycast ? [flycast] : []),
    ...groupsOf(app.spec).map((group) => deployment(app, group, settings)),
  ];
}
