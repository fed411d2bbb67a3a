import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { type CheckStatus, checkStatuses } from '../../src/status/checks.ts';
import { anApp } from '../desired/app-fixture.ts';

const [up, deep] = [
  { name: 'up', type: 'tcp' as const },
  { name: 'deep', type: 'http' as const },
];
const services = [{ internalPort: 8080 }];
const result = (name: string, passing: number): CheckStatus => ({ name, passing, total: 2 });

function statuses(spec: Partial<AppSpecInput>, results: CheckStatus[] | undefined, before?: CheckStatus[]) {
  const app = anApp(spec);
  return checkStatuses({ ...app, status: { ...app.status, checks: before } }, results);
}

describe('the checks in the status', () => {
  it('are in the order of the spec', () => {
    const results = [result('deep', 1), result('up', 2)];
    expect(statuses({ services, checks: [up, deep] }, results)).toEqual([result('up', 2), result('deep', 1)]);
  });

  it('are not there where the App has none', () => {
    expect(statuses({ services }, [], [result('up', 2)])).toBeUndefined();
  });

  it('stay as they were until there is a result', () => {
    const before = [result('up', 1), result('gone', 1)];
    expect(statuses({ services, checks: [up, deep] }, [], before)).toEqual([result('up', 1)]);
    expect(statuses({ services, checks: [up] }, [result('up', 2)], before)).toEqual([result('up', 2)]);
  });

  it('say that nobody can be asked from outside of the cluster', () => {
    const output = 'cannot be reached from the operator: it runs outside of the cluster';
    const expected = [{ name: 'up', passing: 0, total: 0, output }];
    expect(statuses({ services, checks: [up] }, undefined, [result('up', 2)])).toEqual(expected);
  });

  it('say that there is no port to ask', () => {
    const output = 'the App has no service to take the port from: write a `port`';
    expect(statuses({ checks: [up] }, [])).toEqual([{ name: 'up', passing: 0, total: 0, output }]);
  });
});
