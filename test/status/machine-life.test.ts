import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ObservedPod } from '../../src/api/kubernetes.ts';
import type { MachineSpecInput } from '../../src/api/machine.ts';
import type { MachineStatus } from '../../src/api/machine-status.ts';
import { configOf } from '../../src/desired/machine-workload.ts';
import { keptEvents } from '../../src/status/machine-events.ts';
import { progressed } from '../../src/status/machine-progress.ts';
import { bornStatus, takenUp } from '../../src/status/machine-run.ts';
import { isEdge } from '../../src/status/machine-states.ts';
import { aMachine, aPod, exited, ofApp, running, withStatus } from '../desired/machine-fixture.ts';

/** What people, programs and nodes do to a Machine, in any order. */
const deeds = [
  'start',
  'stop',
  'suspend',
  'restart',
  'update',
  'pod',
  'run',
  'fail',
  'end',
  'image',
  'delete',
  'forget',
] as const;
type Deed = (typeof deeds)[number];
const policies = ['always', 'onFailure', 'no'] as const;

/** A Machine among pods that do whatever they like: more than any cluster would. */
class World {
  spec: Partial<MachineSpecInput>;
  machine;
  pods: ObservedPod[] = [];
  gone: ObservedPod[] = [];
  second = 1;
  #serial = 0;
  #restartedAt: string | undefined;

  constructor(policy: (typeof policies)[number], autoDestroy: boolean) {
    this.spec = { restart: { policy }, autoDestroy };
    this.machine = aMachine(this.spec);
  }

  do(deed: Deed): void {
    this.second += 7;
    if (deed === 'start') this.spec = { ...this.spec, state: 'started' };
    if (deed === 'stop') this.spec = { ...this.spec, state: 'stopped' };
    if (deed === 'suspend') this.spec = { ...this.spec, state: 'suspended' };
    if (deed === 'update') this.spec = { ...this.spec, env: { A: `${this.second}` } };
    if (deed === 'restart') this.#restartedAt = `${this.second}`;
    const annotations = this.#restartedAt === undefined ? {} : { 'airfield.dev/restarted-at': this.#restartedAt };
    this.machine = { ...aMachine(this.spec, { annotations }), status: this.machine.status };
    this.#doToPods(deed);
    this.#settle();
  }

  #doToPods(deed: Deed): void {
    const [last, ...others] = this.pods;
    const name = last?.metadata.name ?? '';
    if (deed === 'pod') {
      this.#serial += 1;
      this.pods = [aPod(this.machine, { waiting: {} }, { name: `one-${this.#serial}` }), ...this.pods];
    }
    if (!last) return;
    const like = (state: Parameters<typeof aPod>[1], phase = 'Running') => ({
      ...aPod(this.machine, state, { name, phase }),
      metadata: last.metadata,
    });
    if (deed === 'run') this.pods = [like(running(this.second)), ...others];
    if (deed === 'image') this.pods = [like({ waiting: { reason: 'ErrImagePull' } }), ...others];
    if (deed === 'fail') this.pods = [like(exited(1, this.second), 'Failed'), ...others];
    if (deed === 'end') this.pods = [like(exited(0, this.second), 'Succeeded'), ...others];
    if (deed === 'delete') [this.pods, this.gone] = [others, [...this.gone, last]];
    if (deed === 'forget') this.gone = [];
  }

  /** Reconciles until nothing changes, checking each step. */
  #settle(): void {
    for (let step = 0; ; step += 1) {
      expect(step).toBeLessThan(40);
      const before = this.machine.status;
      const next = this.#next();
      if (next === undefined || next === before) return;
      if (before.state && next.state !== before.state) expect(isEdge(before.state, next.state!)).toBe(true);
      check(next);
      this.machine = withStatus({ ...this.machine, status: {} as MachineStatus }, next);
    }
  }

  #next(): MachineStatus | undefined {
    const now = new Date(Date.UTC(2026, 0, 1, 0, 0, this.second, 500));
    const machine = { ...this.machine, status: bornStatus(this.machine, now) };
    const of = ofApp(machine);
    const observed = { pods: this.pods, gone: this.gone, workloads: [] };
    return takenUp(of, configOf(of), now) ?? progressed(machine, observed, now);
  }
}

function check({ events = [] }: MachineStatus): void {
  expect(events.length).toBeLessThanOrEqual(keptEvents);
  const times = events.map(({ timestamp }) => timestamp);
  expect(times).toEqual([...times].sort().reverse());
  const told = events.flatMap(({ exit }) => exit?.container ?? []);
  expect(new Set(told).size).toBe(told.length);
}

it('goes only along the edges, settles, and tells each end once, whatever happens', () => {
  const aLife = fc.array(fc.constantFrom(...deeds), { maxLength: 60, size: 'max' });
  fc.assert(
    fc.property(fc.constantFrom(...policies), fc.boolean(), aLife, (policy, autoDestroy, life) => {
      const world = new World(policy, autoDestroy);
      for (const deed of life) world.do(deed);
      const version = world.machine.status.version;
      expect(version === undefined || /^[0-9A-Z]{26}$/.test(version)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
