import type { Client } from '../kube/client.ts';
import type { Clock } from '../kube/clock.ts';
import type { Log } from '../kube/log.ts';
import type { Key } from '../kube/types.ts';
import type { Stop } from '../scaling/decide.ts';
import { drainProgress } from '../scaling/drain.ts';
import type { Group } from '../scaling/group.ts';
import type { GroupLoad } from '../scaling/load.ts';
import type { Caches } from './caches.ts';
import type { GateLooks } from './gate-looks.ts';
import { clearCost, writeCost, writeScale } from './scale-writer.ts';
import type { Suspensions } from './suspensions.ts';

export interface MachineStopOptions {
  readonly client: Pick<Client, 'mergePatch'>;
  readonly caches: Pick<Caches, 'pods' | 'deployments' | 'statefulSets'>;
  readonly gates: Pick<GateLooks, 'drain'>;
  readonly suspensions: Pick<Suspensions, 'suspend'>;
  readonly stopAfterMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What a look has found around a machine that is being stopped. */
export interface Around {
  /** Undefined where the machine is not of a scaled group any more. */
  readonly group: Group | undefined;
  readonly load: GroupLoad;
}

/** `stopped`: just now. `suspended`: just now, and nothing is left to be done. `ended`: nothing is left to be done. */
export type StopStep = 'goes on' | 'stopped' | 'suspended' | 'taken back' | 'ended' | Refused;

/** Kubernetes does not let the machine be suspended, and why: it is stopped instead. */
export interface Refused {
  readonly refused: string;
}

/**
 * For how long gates give a machine nothing new: long enough to be asked again before, and short enough for the last one to
 * serve again soon where nobody asks any more.
 */
const drainSeconds = { idle: 10, excess: 30 };
/** For how long a machine that Kubernetes should have stopped is kept from traffic. */
const longestLeavingMs = 30_000;

/**
 * Stops one machine: gates give it nothing new, it ends what it has, and only then the scale is lowered. Whatever comes in
 * between ends it: the gates let the machine serve again by themselves.
 */
export class MachineStop {
  readonly key: Key;
  readonly group: Group;
  readonly #options: MachineStopOptions;
  #stop: Stop;
  readonly #uid: string | undefined;
  readonly #beganMs: number;
  #askedMs = 0;
  #isWaiting = false;
  #isScaled = false;
  #scaledMs = 0;

  constructor(key: Key, group: Group, stop: Stop, options: MachineStopOptions) {
    this.key = key;
    this.group = group;
    this.#stop = stop;
    this.#options = options;
    this.#uid = this.#pod()?.metadata.uid;
    this.#beganMs = options.clock.monotonic();
  }

  get stop(): Stop {
    return this.#stop;
  }

  /** Whether it is known to have something under way: then it is asked about now and then. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** To be called once, first. */
  async begin(): Promise<void> {
    const { clock } = this.#options;
    if (this.#hasCost()) await writeCost(this.key, this.stop.machine.name, clock.now(), this.#options);
    await this.#ask();
  }

  /** To be called at every look after that, until it has ended. */
  async step({ group, load }: Around): Promise<StopStep> {
    if (this.#isScaled) return this.#leave();
    const { clock, stopAfterMs } = this.#options;
    if (!this.#isThere()) return this.#takeBack('it is gone');
    this.#isWaiting = load.of(this.stop.machine.name).total > 0;
    const answers = this.#isWaiting && !this.#isDue() ? [undefined] : await this.#ask();
    const elapsedMs = clock.monotonic() - this.#beganMs;
    const progress = drainProgress({ stop: this.stop, group, load, answers, elapsedMs, stopAfterMs });
    if (progress === 'wait') return 'goes on';
    if (progress !== 'done') return this.#takeBack(progress.takeBack);
    return this.stop.how === 'suspend' ? this.#suspend() : this.#lower();
  }

  /** It serves again, at once where the gates can be told. */
  async takeBack(): Promise<void> {
    await this.#drain(0);
    if (this.#hasCost()) await clearCost(this.key, this.stop.machine.name, this.#options);
  }

  /** Before the drain ends it is told what gates go by: that a machine is suspended. */
  async #suspend(): Promise<StopStep> {
    const outcome = await this.#options.suspensions.suspend(this.key, this.stop.machine.name);
    if (outcome === 'overtaken') return this.#takeBack('it is resumed, or gone');
    if (outcome === 'suspended') await this.#drain(0);
    else this.#stop = { ...this.#stop, how: 'stop' };
    return outcome;
  }

  async #lower(): Promise<StopStep> {
    const { clock } = this.#options;
    const { region } = this.stop;
    const written = await writeScale(this.key, region, region.replicas - 1, this.#options);
    if (!written) return 'goes on';
    this.#isScaled = true;
    this.#scaledMs = clock.monotonic();
    return 'stopped';
  }

  async #takeBack(why: string): Promise<StopStep> {
    const { machine } = this.stop;
    this.#options.log.info({ app: this.key, machine: machine.name, why }, 'a machine is not stopped after all');
    await this.takeBack();
    return 'taken back';
  }

  /** The next machine of a StatefulSet has the same name, so it must not be kept from traffic. */
  async #leave(): Promise<StopStep> {
    const waitedMs = this.#options.clock.monotonic() - this.#scaledMs;
    const isOver = !this.#isThere() || waitedMs > longestLeavingMs;
    await (isOver ? this.#drain(0) : this.#ask());
    return isOver ? 'ended' : 'goes on';
  }

  #ask() {
    this.#askedMs = this.#options.clock.monotonic();
    return this.#drain(drainSeconds[this.stop.reason]);
  }

  #isDue(): boolean {
    return this.#options.clock.monotonic() - this.#askedMs >= (drainSeconds[this.stop.reason] * 1000) / 3;
  }

  #drain(seconds: number) {
    const { gates } = this.#options;
    const namespace = this.key.slice(0, this.key.indexOf('/'));
    return gates.drain({ namespace, name: this.stop.machine.name, seconds });
  }

  #isThere(): boolean {
    const pod = this.#pod();
    return pod !== undefined && pod.metadata.uid === this.#uid && !pod.metadata.deletionTimestamp;
  }

  #pod() {
    const namespace = this.key.slice(0, this.key.indexOf('/'));
    return this.#options.caches.pods.store.get(`${namespace}/${this.stop.machine.name}`);
  }

  /** A StatefulSet stops the one with the highest number, whatever it costs. */
  #hasCost(): boolean {
    const { kind, replicas } = this.stop.region;
    return kind === 'Deployment' && replicas > 1;
  }
}
