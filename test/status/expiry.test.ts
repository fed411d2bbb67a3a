import { describe, expect, it } from 'vitest';
import type { App } from '../../src/api/app.ts';
import { type AppStatus, appStatusSchema } from '../../src/api/app-status.ts';
import { expiryWarning, withExpiry } from '../../src/status/expiry.ts';
import { anApp } from '../desired/app-fixture.ts';

const created = '2026-03-01T12:00:00Z';
const after = (minutes: number) => new Date(Date.parse(created) + minutes * 60_000);
const hour = 60;

function expiring(expiresAfter: string | undefined, generation = 1, status: Partial<AppStatus> = {}): App {
  const app = anApp(expiresAfter ? { expiresAfter } : {});
  const metadata = { ...app.metadata, generation, creationTimestamp: created };
  return { ...app, metadata, status: appStatusSchema.parse({ observedGeneration: generation, ...status }) };
}

/** What is told of an App that runs, so many minutes after it was made. */
function told(app: App, minutes: number): AppStatus {
  const running = { type: 'Ready', status: 'True', reason: 'Running', message: '2 of 2' } as const;
  const lastTransitionTime = created;
  const status = { observedGeneration: app.metadata.generation, conditions: [{ ...running, lastTransitionTime }] };
  return withExpiry(app, { ...app.status, ...status }, after(minutes));
}

const types = ({ conditions }: AppStatus) => conditions?.map(({ type }) => type);

describe('the end of an App', () => {
  it('is not there where it has no expiresAfter, and goes with it', () => {
    expect(told(expiring(undefined), 0)).not.toHaveProperty('expiresAt');
    expect(told(expiring(undefined, 2, { expiresAt: '2026-03-04T12:00:00Z' }), 0)).not.toHaveProperty('expiresAt');
  });

  it('is counted from its creation, however late it is seen', () => {
    expect(told(expiring('72h'), 3).expiresAt).toBe('2026-03-04T12:00:00Z');
  });

  it('is counted anew when its spec has changed', () => {
    const changed = expiring('72h', 2, { observedGeneration: 1, expiresAt: '2026-03-04T12:00:00Z' });
    expect(told(changed, hour).expiresAt).toBe('2026-03-04T13:00:00Z');
  });

  it('is counted from the change that gave it one', () => {
    expect(told(expiring('90m', 2, { observedGeneration: 1 }), 24 * hour).expiresAt).toBe('2026-03-02T13:30:00Z');
  });

  it('stays what it is until then: another look, or another operator, moves nothing', () => {
    const seen = expiring('72h', 2, { expiresAt: '2026-03-04T13:00:00Z' });
    expect(told(seen, 5 * hour).expiresAt).toBe('2026-03-04T13:00:00Z');
  });
});

describe('the warning', () => {
  it('is a condition of the last hour, beside the others, that says how to keep the App', () => {
    expect(types(told(expiring('72h'), 71 * hour - 1))).toEqual(['Ready']);
    const last = told(expiring('72h'), 71 * hour);
    expect(types(last)).toEqual(['Ready', 'Expiring']);
    expect(last.conditions?.[1]).toMatchObject({
      status: 'True',
      message:
        'the App is deleted at 2026-03-04T12:00:00Z, 72h after its last change: change its spec to have it for as long again, or remove spec.expiresAfter to keep it',
    });
  });

  it('is said once', () => {
    const app = expiring('72h');
    const last = told(app, 71 * hour);
    expect(expiryWarning(app.status, last)).toContain('the App is deleted at');
    expect(expiryWarning(last, told({ ...app, status: last }, 71 * hour + 30))).toBeUndefined();
    expect(expiryWarning(app.status, told(app, 0))).toBeUndefined();
  });

  it('is taken back when the App has got more time', () => {
    const warned = told(expiring('72h'), 71 * hour);
    const changed = { ...expiring('72h', 2), status: warned };
    expect(types(told(changed, 71 * hour + 5))).toEqual(['Ready']);
  });
});
