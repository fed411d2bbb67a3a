import type { App } from '../api/app.ts';
import type { AppStatus } from '../api/app-status.ts';
import { type ConditionClaim, transition } from '../api/conditions.ts';
import { seconds } from '../api/duration.ts';

/** How long before the end of an App people are told, in milliseconds. */
export const warnedBeforeMs = 3_600_000;

/**
 * When an App with `expiresAfter` ends: RFC 3339 in whole seconds; undefined where it has no end. The time is decided when a
 * generation of the spec is first seen and is kept in the status from then on, so that a restart of the operator moves nothing.
 */
export function expiryOf({ metadata, spec, status }: App, now: Date): string | undefined {
  if (spec.expiresAfter === undefined) return undefined;
  const { generation, creationTimestamp } = metadata;
  if (status.expiresAt && status.observedGeneration === generation) return status.expiresAt;
  const since = generation === 1 && creationTimestamp ? Date.parse(creationTimestamp) : now.getTime();
  return new Date(since + seconds(spec.expiresAfter) * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A status with what is to be said of the end of the App. */
export function withExpiry(app: App, told: AppStatus, now: Date): AppStatus {
  const { expiresAt: _, ...status } = told;
  const expiresAt = expiryOf(app, now);
  if (!expiresAt) return status;
  const claims = transition(app.status.conditions ?? [], expiringClaim(app, expiresAt, now), {
    generation: app.metadata.generation,
    now,
  });
  return { ...status, conditions: [...(status.conditions ?? []), ...claims], expiresAt };
}

/** The condition `Expiring`, there only in the last hour. */
function expiringClaim({ spec }: App, expiresAt: string, now: Date): ConditionClaim[] {
  if (Date.parse(expiresAt) - now.getTime() > warnedBeforeMs) return [];
  const message = `the App is deleted at ${expiresAt}, ${spec.expiresAfter} after its last change: change its spec to have it for as long again, or remove spec.expiresAfter to keep it`;
  return [{ type: 'Expiring', status: 'True', reason: 'ExpiresSoon', message }];
}

/** What is said once, when an App has begun to expire; undefined where it has not, or where it was said before. */
export function expiryWarning(before: AppStatus, after: AppStatus): string | undefined {
  const [was, is] = [before, after].map(({ conditions }) => conditions?.find(({ type }) => type === 'Expiring'));
  return was ? undefined : is?.message;
}
