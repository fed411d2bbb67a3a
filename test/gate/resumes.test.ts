import { beforeEach, describe, expect, it } from 'vitest';
import { suspendedAnnotation } from '../../src/api/meta.ts';
import type { GatePod } from '../../src/gate/pod-machines.ts';
import { Resumes } from '../../src/gate/resumes.ts';
import { ManualClock } from '../kube/time.ts';

const pod = (said: string | undefined) =>
  ({
    metadata: {
      name: 'web-1',
      namespace: 'acme',
      uid: 'u1',
      ...(said && { annotations: { [suspendedAnnotation]: said } }),
    },
  }) as unknown as GatePod;
const at = (second: number) =>
  JSON.stringify({ since: `2026-01-01T00:00:0${second}Z`, cpu: { app: { requests: '500m' } } });

let clock: ManualClock;
let tried: string[];
let refusals: number;
let resumes: Resumes;

beforeEach(() => {
  [clock, tried, refusals] = [new ManualClock(), [], 0];
  resumes = new Resumes({
    resume: async (_, cpu) => {
      tried.push(JSON.stringify(cpu));
      if (refusals-- > 0) throw new Error('Forbidden: no');
    },
    onBegin: () => tried.push('serves'),
    onTried: (_, error) => tried.push(error?.message ?? 'done'),
    clock,
  });
});

describe('a machine that is resumed', () => {
  const cpu = '{"app":{"requests":"500m"}}';

  it('serves at once, and gets its CPU back once', async () => {
    const suspended = pod(at(1));
    resumes.begin(suspended);
    resumes.begin(suspended);
    expect([resumes.has(suspended), tried]).toEqual([true, ['serves']]);
    await clock.advance(20);
    expect(tried).toEqual(['serves', cpu, 'done']);
    expect(resumes.has(suspended)).toBe(true);
  });

  it('is tried again until it has it', async () => {
    refusals = 2;
    resumes.begin(pod(at(1)));
    await clock.advance(20 + 50 + 100);
    expect(tried).toEqual(['serves', cpu, 'Forbidden: no', cpu, 'Forbidden: no', cpu, 'done']);
  });

  it('is not tried again where its pod says that it is not suspended any more', async () => {
    refusals = 9;
    resumes.begin(pod(at(1)));
    await clock.advance(20);
    resumes.seen(pod(undefined), pod(at(1)));
    await clock.advance(10_000);
    expect(tried).toEqual(['serves', cpu, 'Forbidden: no']);
  });

  it('may be suspended and resumed again', async () => {
    resumes.begin(pod(at(1)));
    resumes.seen(pod(at(2)), pod(at(1)));
    expect(resumes.has(pod(at(2)))).toBe(false);
    resumes.begin(pod(at(2)));
    expect(tried.filter((line) => line === 'serves')).toHaveLength(2);
  });

  it('is at least not suspended any more where nobody can read what it had', async () => {
    resumes.begin(pod('what?'));
    await clock.advance(20);
    expect(tried).toEqual(['serves', '{}', 'done']);
  });
});
