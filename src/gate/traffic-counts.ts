import { type Clock, systemClock } from '../kube/clock.ts';
import { parseTraffic, showEndingTraffic, showTraffic } from './traffic.ts';
import { type Targets, type TargetTraffic, TrafficTotals } from './traffic-totals.ts';
import { WorkerLine } from './worker-line.ts';

/** How often a process that ends is looked at: soon first, as most end at once, then more and more seldom. In milliseconds. */
const firstMs = 20;
const longestMs = 500;

interface Worker {
  /** Path of its socket, which no other process has. */
  readonly socket: string;
  line: WorkerLine;
  isEnding: boolean;
  /** Takes the next look back. */
  cancel?: () => void;
}

/**
 * What all processes of HAProxy have carried since the gate began, to the last request: one that ends is kept until it has
 * nothing to do and has been asked for the last time. One whose gate is killed exits by itself.
 */
export class TrafficCounts {
  readonly #totals = new TrafficTotals();
  readonly #clock: Clock;
  #workers: Worker[] = [];
  #isStopped = false;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** From now on the process with this socket takes new connections; those before it end. */
  use(socket: string, targets: Targets): void {
    if (this.#isStopped) return;
    this.#totals.began(socket, targets);
    this.#end();
    this.#workers.push({ socket, line: new WorkerLine(socket), isEnding: false });
  }

  /** By port. What HAProxy does not answer to is as it was. */
  async look(): Promise<TargetTraffic[]> {
    await Promise.all(this.#workers.map((worker) => this.#look(worker).catch(() => {})));
    return this.#totals.all();
  }

  /** No other process is to come. Those that there are exit when they have nothing to do. */
  end(): void {
    this.#isStopped = true;
    this.#end();
  }

  /** Lets go of all processes at once. */
  close(): void {
    this.#isStopped = true;
    for (const { line, cancel } of this.#workers) {
      cancel?.();
      line.close();
    }
    this.#workers = [];
  }

  async #look(worker: Worker): Promise<void> {
    // HAProxy closes one on which nobody has asked for an hour.
    if (!worker.line.isOpen && !worker.isEnding) worker.line = new WorkerLine(worker.socket);
    const answer = await worker.line.ask(worker.isEnding ? showEndingTraffic : showTraffic);
    this.#totals.saw(worker.socket, parseTraffic(answer));
  }

  #end(): void {
    for (const worker of this.#workers.filter(({ isEnding }) => !isEnding)) {
      worker.isEnding = true;
      this.#tend(worker, firstMs);
    }
  }

  #tend(worker: Worker, ms: number): void {
    worker.cancel = this.#clock.after(ms, async () => {
      const isOver = await isIdle(worker.line).catch(() => true);
      if (!this.#workers.includes(worker)) return;
      if (!isOver) return this.#tend(worker, Math.min(ms * 2, longestMs));
      await this.#look(worker).catch(() => {});
      worker.line.close();
      this.#workers = this.#workers.filter((one) => one !== worker);
      this.#totals.ended(worker.socket);
    });
  }
}

/** Whether a process ends and this line is the last thing that keeps it. */
async function isIdle(line: WorkerLine): Promise<boolean> {
  const info = await line.ask('show info');
  const value = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(info)?.[1]);
  return value('Stopping') === 1 && value('Jobs') - value('Unstoppable Jobs') <= 1;
}
