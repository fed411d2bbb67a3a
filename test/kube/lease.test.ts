import { describe, expect, it } from 'vitest';
import { KubeError } from '../../src/kube/errors.ts';
import { LeaderElection, type LeaderElectionOptions } from '../../src/kube/lease.ts';
import type { Lease } from '../../src/kube/lease-claim.ts';
import { seeded } from '../random.ts';
import { ManualClock } from './time.ts';

type LeaseClient = LeaderElectionOptions['client'];

/** One Lease with compare-and-swap, and a line to it that can be cut per candidate. */
class LeaseApi {
  lease: Lease | undefined;
  readonly cut = new Set<string>();
  /** Called after a read, before its answer arrives: for somebody who is faster. */
  afterRead: () => void = () => {};
  writes = 0;

  clientOf(identity: string): LeaseClient {
    return {
      get: async <T>(_: unknown, __: unknown, { signal }: { signal?: AbortSignal } = {}) => {
        await this.#reach(identity, signal);
        const read = this.lease;
        this.afterRead();
        if (!read) throw refusal(404, 'NotFound');
        return structuredClone(read) as T;
      },
      create: async <T>(_: unknown, object: T, { signal }: { signal?: AbortSignal } = {}) => {
        await this.#reach(identity, signal);
        if (this.lease) throw refusal(409, 'AlreadyExists');
        return this.write(object);
      },
      replace: async <T>(_: unknown, object: T, { signal }: { signal?: AbortSignal } = {}) => {
        await this.#reach(identity, signal);
        const { resourceVersion } = (object as Lease).metadata;
        if (resourceVersion !== this.lease?.metadata.resourceVersion) throw refusal(409, 'Conflict');
        return this.write(object);
      },
    } as LeaseClient;
  }

  write<T>(object: T): T {
    const lease = structuredClone(object) as Lease;
    lease.metadata.resourceVersion = String(++this.writes);
    this.lease = lease;
    return structuredClone(lease) as T;
  }

  /** Through a cut line nothing comes back; the candidate has to give up by itself. */
  #reach(identity: string, signal?: AbortSignal): Promise<void> {
    if (!this.cut.has(identity)) return Promise.resolve();
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));
  }
}

const refusal = (status: number, reason: string) => new KubeError({ status, reason, text: 'on command' });

class Candidate {
  readonly identity: string;
  readonly election: LeaderElection;
  leads = false;
  lostAt: number | undefined;

  constructor(api: LeaseApi, clock: ManualClock, identity: string, { skew = 0, random = (): number => 0.5 } = {}) {
    this.identity = identity;
    this.election = new LeaderElection({
      client: api.clientOf(identity),
      namespace: 'airfield',
      name: 'operator',
      identity,
      clock: clock.skewed(skew),
      random,
      onLost: () => {
        this.leads = false;
        this.lostAt = clock.monotonic();
      },
    });
    this.election.elected.then(
      () => {
        this.leads = true;
      },
      () => {},
    );
    this.election.start();
  }
}

function world() {
  return { api: new LeaseApi(), clock: new ManualClock() };
}

describe('leader election', () => {
  it('makes the first candidate leader at once, and the second waits', async () => {
    const { api, clock } = world();
    const [a, b] = [new Candidate(api, clock, 'a'), new Candidate(api, clock, 'b')];
    await clock.advance(60_000);
    expect([a.leads, b.leads]).toEqual([true, false]);
    expect(a.election.isLeader).toBe(true);
    expect(api.lease?.spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 12, leaseTransitions: 0 });
    expect(api.lease?.spec?.renewTime).toMatch(/\.\d{6}Z$/);
  });

  it('hands over at once when the leader stops', async () => {
    const { api, clock } = world();
    const [a, b] = [new Candidate(api, clock, 'a'), new Candidate(api, clock, 'b')];
    await clock.advance(5_000);
    await a.election.stop();
    expect(api.lease?.spec?.holderIdentity).toBeUndefined();
    await clock.advance(2_500);
    expect(b.leads).toBe(true);
    expect(a.election.isLeader).toBe(false);
    expect(a.lostAt).toBeUndefined();
    expect(api.lease?.spec?.leaseTransitions).toBe(1);
  });

  it('ends leadership behind a cut line before anybody else can lead', async () => {
    const { api, clock } = world();
    const [a, b] = [new Candidate(api, clock, 'a'), new Candidate(api, clock, 'b', { skew: 3_600_000 })];
    await clock.advance(20_000);
    api.cut.add('a');
    const cutAt = clock.monotonic();
    while (!b.leads) {
      await clock.advance(100);
      expect(a.leads && b.leads).toBe(false);
    }
    expect(a.lostAt).toBeLessThanOrEqual(cutAt + 10_000);
    expect(clock.monotonic()).toBeGreaterThanOrEqual((a.lostAt ?? 0) + 1_000);
    expect(clock.monotonic()).toBeLessThanOrEqual(cutAt + 15_000);
  });

  it('survives a cut that is shorter than the deadline', async () => {
    const { api, clock } = world();
    const a = new Candidate(api, clock, 'a');
    await clock.advance(20_000);
    api.cut.add('a');
    await clock.advance(5_000);
    api.cut.delete('a');
    await clock.advance(20_000);
    expect(a.leads).toBe(true);
  });

  it('gives way when somebody else took the Lease, without waiting for the deadline', async () => {
    const { api, clock } = world();
    const a = new Candidate(api, clock, 'a');
    await clock.advance(20_000);
    api.write({ ...api.lease!, spec: { ...api.lease!.spec, holderIdentity: 'thief' } });
    await clock.advance(3_000);
    expect(a.leads).toBe(false);
    expect(a.election.isLeader).toBe(false);
  });

  it('is lost by whoever writes second: the Lease is compared and swapped', async () => {
    const { api, clock } = world();
    const a = new Candidate(api, clock, 'a');
    api.afterRead = () => {
      api.afterRead = () => {};
      const spec = { holderIdentity: 'b', leaseDurationSeconds: 15, renewTime: 'x' };
      api.write({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'operator' }, spec });
    };
    await clock.advance(5_000);
    expect(a.leads).toBe(false);
    expect(api.lease?.spec?.holderIdentity).toBe('b');
    await clock.advance(20_000);
    expect(a.leads).toBe(true);
  });

  it('does not lead by its own account once others may, even when the process was frozen', async () => {
    const { api, clock } = world();
    const a = new Candidate(api, clock, 'a');
    await clock.advance(1_000);
    expect(a.election.isLeader).toBe(true);
    clock.leap(15_000);
    expect(a.election.isLeader).toBe(false);
  });

  it('tells whoever waits when it is stopped before', async () => {
    const { api, clock } = world();
    new Candidate(api, clock, 'a');
    await clock.advance(1_000);
    const b = new Candidate(api, clock, 'b');
    await b.election.stop();
    await expect(b.election.elected).rejects.toThrow('stopped before');
  });

  const seed = Number(process.env.LEASE_SEED ?? Math.floor(Math.random() * 2 ** 31));
  it(`never has two leaders, and has one again when lines are mended (LEASE_SEED=${seed})`, async () => {
    const random = seeded(seed);
    const { api, clock } = world();
    const born = (n: number) => new Candidate(api, clock, `c${n}`, { skew: random() * 1e6, random });
    let candidates = [born(0), born(1), born(2)];
    for (let tick = 0; tick < 2000; tick++) {
      await clock.advance(200);
      expect(candidates.filter(({ leads }) => leads).length).toBeLessThanOrEqual(1);
      if (random() < 0.02) api.cut.add(candidates[Math.floor(random() * 3)]!.identity);
      if (random() < 0.02) api.cut.clear();
      // Whoever lost ends, and is started again under a new name.
      candidates = candidates.map((one, n) => (one.lostAt === undefined ? one : born(tick * 10 + n)));
    }
    api.cut.clear();
    await clock.advance(40_000);
    expect(candidates.filter(({ leads }) => leads).length).toBe(1);
  }, 30_000);
});
