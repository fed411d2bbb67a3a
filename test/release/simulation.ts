import type { App, AppSpecInput } from '../../src/api/app.ts';
import type { ObservedJob, ObservedPod, ObservedWorkload } from '../../src/api/kubernetes.ts';
import { readRelease } from '../../src/api/read-release.ts';
import type { Release } from '../../src/api/release.ts';
import { revision } from '../../src/desired/revision.ts';
import { allowed } from '../../src/desired/scaled.ts';
import type { Workload } from '../../src/desired/workloads.ts';
import { planOf, type ReleasePlan } from '../../src/release/plan.ts';
import { anApp } from '../desired/app-fixture.ts';

/** How a program behaves: whether its machines ever become ready, and how its release command ends. */
export interface Behaviour {
  readonly healthy: boolean;
  readonly command: 'succeeds' | 'fails' | 'hangs';
}

interface Running {
  readonly workload: Workload;
  /** How many machines should run: of what is scaled this is up to whoever scales it. */
  replicas: number;
  /** Version whose machines serve in it, apart from those that are being made. */
  served: number | undefined;
}

/**
 * A cluster as far as releases go: it does what a plan says, and tells afterwards what became of it, when it is asked to.
 * Time passes only by `wait`. What a release does is read from the variable `MODE` of its environment.
 */
export class Simulation {
  readonly behaviours: Readonly<Record<string, Behaviour>>;
  app: App;
  now = new Date('2026-01-01T00:00:00Z');
  releases: Release[] = [];
  plan!: ReleasePlan;
  /** Versions of which a machine has been ready. */
  readonly proved = new Set<number>();
  /** Versions whose command began and succeeded, in order. */
  readonly commands: { version: number; succeeded: boolean }[] = [];
  #workloads = new Map<string, Running>();
  #job: { version: number; mode: string; ended: 'Complete' | 'Failed' | undefined } | undefined;

  constructor(behaviours: Readonly<Record<string, Behaviour>>, spec: Partial<AppSpecInput>) {
    this.behaviours = behaviours;
    this.app = anApp(spec);
  }

  edit(spec: Partial<AppSpecInput>): void {
    this.app = anApp(spec);
  }

  wait(seconds: number): void {
    this.now = new Date(this.now.getTime() + seconds * 1000);
  }

  /** One look of the operator, and what the API server makes of it. */
  reconcile(): ReleasePlan {
    const [workloads, pods] = this.#observed();
    const job = this.#job && observedJob(this.#job);
    this.plan = planOf(this.app, { releases: this.releases, workloads, job, checks: [], pods, secrets: [] }, this.now);
    this.releases = this.plan.releases.map((release) => stored(this.app, release, this.now));
    if (this.plan.command === 'remove') this.#job = undefined;
    if (this.plan.command === 'run') this.#run(this.plan.current);
    const before = this.#workloads;
    this.#workloads = new Map(
      this.plan.workloads.map((workload) => [workload.name, applied(workload, before.get(workload.name))]),
    );
    return this.plan;
  }

  /** Somebody else, such as a gate, has this many machines run of the workloads that are scaled: at most their count. */
  scale(replicas: number): void {
    for (const running of this.#workloads.values()) {
      if (!running.workload.scale) continue;
      running.replicas = Math.min(replicas, running.workload.count);
      if (running.replicas === 0) running.served = undefined;
    }
  }

  /** How many machines should run. */
  machines(): number {
    return [...this.#workloads.values()].reduce((sum, { replicas }) => sum + replicas, 0);
  }

  /** The kubelets and controllers do what they can: machines that can be ready are, and commands end. */
  settle(): void {
    for (const running of this.#workloads.values()) {
      const { workload, replicas } = running;
      if (replicas === 0 || !this.#behaviourOf(workload.release).healthy) continue;
      running.served = workload.release.version;
      this.proved.add(running.served);
    }
    if (!this.#job || this.#job.ended) return;
    const { command } = this.behaviours[this.#job.mode] ?? { command: 'succeeds' };
    if (command === 'hangs') return;
    this.#job.ended = command === 'succeeds' ? 'Complete' : 'Failed';
    const begun = this.commands.at(-1);
    if (begun) begun.succeeded = command === 'succeeds';
  }

  /** Reconciles, settles and lets time pass until nothing changes any more. */
  run(steps = 40): ReleasePlan {
    for (let step = 0; step < steps; step++) {
      this.reconcile();
      this.settle();
      this.wait(10);
    }
    return this.reconcile();
  }

  /** Versions whose machines get traffic. */
  inTraffic(): number[] {
    const serving = [...this.#workloads.values()].filter(({ workload }) => workload.slot === this.plan.slot);
    return serving.map(({ served }) => served).filter((version) => version !== undefined);
  }

  #run({ version, spec }: Release): void {
    if (this.#job) throw new Error(`the command of release ${this.#job.version} is still there`);
    this.#job = { version, mode: spec.env.MODE ?? '', ended: undefined };
    this.commands.push({ version, succeeded: false });
  }

  #behaviourOf({ spec }: Release): Behaviour {
    return this.behaviours[spec.env.MODE ?? ''] ?? { healthy: true, command: 'succeeds' };
  }

  #observed(): [ObservedWorkload[], ObservedPod[]] {
    const running = [...this.#workloads.values()];
    const pods = running.filter(({ replicas }) => replicas > 0).map((one) => observedPod(one, this.now));
    return [running.map((one) => observedWorkload(one)), pods];
  }
}

/** What the API server makes of a workload: what does not say how many machines begins with one, or stays as it is. */
function applied(workload: Workload, before: Running | undefined): Running {
  const { scale, count } = workload;
  const replicas = scale ? allowed({ count, scale }, before?.replicas ?? 1) : count;
  return { workload, replicas, served: replicas > 0 ? before?.served : undefined };
}

/** As it comes back from the cluster, with the time of the API server. */
function stored(app: App, release: Release, now: Date): Release {
  const { metadata, ...rest } = JSON.parse(JSON.stringify(revision(app, release)));
  const read = readRelease({ ...rest, metadata: { ...metadata, creationTimestamp: now.toISOString() } });
  if (!read) throw new Error(`release ${release.version} cannot be read back`);
  return { ...read, startedAt: release.startedAt };
}

function observedWorkload({ workload, replicas, served }: Running): ObservedWorkload {
  const { kind, name, release } = workload;
  const isReady = replicas === 0 || served === release.version;
  const available = served === undefined ? 0 : replicas;
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, generation: 1, labels: { 'airfield.dev/process': workload.group.name } },
    spec: {
      replicas,
      template: { metadata: { labels: { 'airfield.dev/release': `${release.version}` } } },
    },
    status: {
      observedGeneration: 1,
      updatedReplicas: isReady ? replicas : 0,
      replicas: isReady ? replicas : replicas + 1,
      availableReplicas: available,
    },
  } as unknown as ObservedWorkload;
}

function observedPod({ workload }: Running, now: Date): ObservedPod {
  const { name, release } = workload;
  const labels = { 'airfield.dev/release': `${release.version}`, 'airfield.dev/workload': name };
  const state = { waiting: { reason: 'CrashLoopBackOff' } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-1`, labels, creationTimestamp: now.toISOString() },
    status: { containerStatuses: [{ name: 'app', ready: false, state }] },
  } as unknown as ObservedPod;
}

function observedJob({ version, ended }: { version: number; ended: string | undefined }): ObservedJob {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: 'hello-release',
      labels: { 'airfield.dev/release': `${version}`, 'airfield.dev/role': 'release-command' },
    },
    status: ended ? { conditions: [{ type: ended, status: 'True', reason: 'BackoffLimitExceeded' }] } : {},
  } as unknown as ObservedJob;
}
