import type { AppSpec } from '../api/app.ts';
import type { ProcessGroup } from '../api/process.ts';
import { groupsOf, mountsOf, servicesOf } from './groups.ts';

type Restart = NonNullable<AppSpec['restart']>;
type Served = { processes?: string[] | undefined };

/** What decides about how the machines of a group are started again: the spec of an App, or of a release. */
export interface Restarted {
  readonly restart?: Restart | undefined;
  readonly processes?: readonly Pick<ProcessGroup, 'name' | 'restart'>[] | undefined;
  readonly services: readonly Served[];
  readonly mounts: readonly Served[];
}

/** How often Fly starts a machine again that fails, without a word about it. https://fly.io/docs/machines/guides-examples/machine-restart-policy/ */
const usualRetries = 10;

/** When a machine of a group is started again, as its spec says. */
export function restartOf(spec: Restarted, group: string): Restart {
  const own = groupsOf(spec).find(({ name }) => name === group)?.restart;
  return own ?? spec.restart ?? { policy: 'always' };
}

/** How often a machine that has failed is started again where it need not run for ever. */
export function retriesOf(spec: Restarted, group: string): number {
  const { policy, retries = usualRetries } = restartOf(spec, group);
  return policy === 'onFailure' ? retries : 0;
}

/**
 * Why machines of a group are always started again, whatever the policy says: what Kubernetes has for programs that end,
 * the Job, has no volumes of its own, and a Service that leads to machines that have ended leads nowhere.
 */
export function whyAlways(spec: Restarted, group: string): 'services' | 'mounts' | undefined {
  if (servicesOf(spec, group).length > 0) return 'services';
  return mountsOf(spec, group).length > 0 ? 'mounts' : undefined;
}

/** Whether a machine of a group that has ended may stay so. */
export function mayEnd(spec: Restarted, group: string): boolean {
  return restartOf(spec, group).policy !== 'always' && whyAlways(spec, group) === undefined;
}
