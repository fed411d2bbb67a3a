/** Tells each problem when it begins, and not again as long as it stays. */
export class Problems {
  readonly #tell: (problem: string) => void;
  readonly #present = new Map<string, ReadonlySet<string>>();

  constructor(tell: (problem: string) => void) {
    this.#tell = tell;
  }

  /** How many there are now. */
  get size(): number {
    return [...this.#present.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** All that there are now of what `source` names. */
  set(source: string, problems: readonly string[]): void {
    const before = this.#present.get(source);
    const now = new Set(problems);
    if (now.size > 0) this.#present.set(source, now);
    else this.#present.delete(source);
    for (const problem of now) if (!before?.has(problem)) this.#tell(problem);
  }
}
