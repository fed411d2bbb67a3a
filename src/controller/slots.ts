type Task = () => Promise<void>;

/**
 * Lets at most `limit` tasks run at once, the others in the order in which they came. Tasks that are known to be slow get
 * at most half of the slots, so that however many there are nobody else waits for them.
 */
export class Slots {
  readonly #limit: number;
  readonly #running = { usual: 0, slow: 0 };
  readonly #waiting = { usual: new Set<Task>(), slow: new Set<Task>() };

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs a task as soon as there is room; it must not reject. The result takes it back while it waits. */
  add(task: Task, isSlow: boolean): () => void {
    const lane = isSlow ? 'slow' : 'usual';
    this.#waiting[lane].add(task);
    this.#fill();
    return () => void this.#waiting[lane].delete(task);
  }

  #fill(): void {
    for (const lane of ['usual', 'slow'] as const) {
      const waiting = this.#waiting[lane];
      for (const task of waiting) {
        if (!this.#hasRoom(lane)) break;
        waiting.delete(task);
        this.#running[lane] += 1;
        void task().finally(() => {
          this.#running[lane] -= 1;
          this.#fill();
        });
      }
    }
  }

  #hasRoom(lane: 'usual' | 'slow'): boolean {
    const { usual, slow } = this.#running;
    return usual + slow < this.#limit && (lane === 'usual' || slow < this.#limit / 2);
  }
}
