import type { EventRecorder, Occurrence } from '../kube/events.ts';
import type { Key } from '../kube/types.ts';
import type { Metrics } from '../metrics.ts';
import type { Stop } from '../scaling/decide.ts';
import type { Group } from '../scaling/group.ts';
import { groupLoad } from '../scaling/load.ts';
import { stoppedMessage } from '../scaling/messages.ts';
import type { Caches } from './caches.ts';
import { MachineStop, type MachineStopOptions, type StopStep } from './machine-stop.ts';
import { Rests } from './rests.ts';
import type { LoadedGroup } from './scaled-groups.ts';

export interface MachineStopsOptions extends MachineStopOptions {
  readonly caches: MachineStopOptions['caches'] & Pick<Caches, 'apps'>;
  /** Whether machines may be stopped: gates let only those drain one who know their token. */
  readonly mayStop: boolean;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly metrics: Pick<Metrics, 'autoscalerStops' | 'autoscalerSuspensions'>;
}

/** Machines that may have nothing under way any more, over all Apps: each is asked about at every look. */
const most = 8;

/** After that it is tried again whether machines can be suspended. */
const refusedMs = 600_000;

/** The machines that are being stopped, one of a workload at a time. */
export class MachineStops {
  readonly #options: MachineStopsOptions;
  /** By App and workload. */
  readonly #stops = new Map<string, MachineStop>();
  readonly #rests: Rests;
  /** Workloads of which Kubernetes has lately not let a machine be suspended: theirs are stopped. */
  readonly #notSuspended: Rests;
  #isRefusalTold = false;

  constructor(options: MachineStopsOptions) {
    this.#options = options;
    this.#rests = new Rests(options.clock);
    this.#notSuspended = new Rests(options.clock, refusedMs);
  }

  get size(): number {
    return this.#stops.size;
  }

  /** Whether any machine of the group is being stopped. */
  has(key: Key, { regions }: Group): boolean {
    return regions.some(({ workload }) => this.#stops.has(`${key} ${workload}`));
  }

  async begin(key: Key, group: Group, decided: Stop): Promise<void> {
    if (!this.#options.mayStop) return this.#refuse();
    const id = `${key} ${decided.region.workload}`;
    const stop = this.#notSuspended.has(id) ? { ...decided, how: 'stop' as const } : decided;
    const asked = [...this.#stops.values()].filter(({ isWaiting }) => !isWaiting).length;
    if (asked >= most || this.#stops.has(id) || this.#rests.has(id)) return;
    const machineStop = new MachineStop(key, group, stop, this.#options);
    this.#stops.set(id, machineStop);
    await this.#guard(id, machineStop, () => machineStop.begin());
  }

  /** To be called at every look, with all groups that were looked at. */
  async step(loaded: readonly LoadedGroup[]): Promise<void> {
    await Promise.all(
      [...this.#stops].map(([id, machineStop]) =>
        this.#guard(id, machineStop, async () => {
          const { key, stop } = machineStop;
          const isAround = ({ regions }: Group) => regions.some(({ workload }) => workload === stop.region.workload);
          const around = loaded.find((one) => one.key === key && isAround(one.group));
          this.#note(id, machineStop, await machineStop.step(around ?? { group: undefined, load: groupLoad([], []) }));
        }),
      ),
    );
  }

  #note(id: string, { key, group, stop }: MachineStop, step: StopStep): void {
    const { metrics, stopAfterMs } = this.#options;
    if (step === 'ended' || step === 'taken back' || step === 'suspended') this.#stops.delete(id);
    if (typeof step === 'object') this.refused(key, stop.region.workload, stop.machine.name, step.refused);
    if (step !== 'stopped' && step !== 'suspended') return;
    (step === 'stopped' ? metrics.autoscalerStops : metrics.autoscalerSuspensions).inc({ reason: stop.reason });
    const message = stoppedMessage(group, stop, stopAfterMs);
    this.#tell(key, { type: 'Normal', reason: step === 'stopped' ? 'Stopped' : 'Suspended', message });
  }

  /** From now on machines of the workload are stopped for a while. */
  refused(key: Key, workload: string, machine: string, why: string): void {
    this.#notSuspended.begin(`${key} ${workload}`);
    const message = `${machine} cannot be suspended: ${why}; machines like it are stopped instead`;
    this.#tell(key, { type: 'Warning', reason: 'NotSuspended', message });
  }

  #tell(key: Key, told: Pick<Occurrence, 'type' | 'reason' | 'message'>): void {
    const { events, caches, log } = this.#options;
    log.info({ app: key }, told.message);
    const app = caches.apps.store.get(key);
    if (app) events.record(app, { ...told, action: 'Scale' });
  }

  /** What fails is given up: the machine serves again, and is looked at anew. */
  async #guard(id: string, machineStop: MachineStop, task: () => Promise<void>): Promise<void> {
    const { log, signal } = this.#options;
    try {
      await task();
    } catch (error) {
      this.#stops.delete(id);
      if (signal.aborted) return;
      this.#rests.begin(id);
      const { key, stop } = machineStop;
      log.warn({ app: key, machine: stop.machine.name, error: (error as Error).message }, 'a machine was not stopped');
      await machineStop.takeBack().catch(() => {});
    }
  }

  #refuse(): void {
    if (this.#isRefusalTold) return;
    this.#isRefusalTold = true;
    this.#options.log.warn({}, 'AIRFIELD_GATES_TOKEN is not set, so gates let no machine be drained: none is stopped');
  }
}
