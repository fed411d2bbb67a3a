/** Who waits, by route, within bounds. */
export class Held<T> {
  readonly #routes = new Map<string, Set<T>>();
  readonly #most: number;
  #total = 0;

  /** `most`: of all routes together. */
  constructor(most: number) {
    this.#most = most;
  }

  get total(): number {
    return this.#total;
  }

  of(route: string): number {
    return this.#routes.get(route)?.size ?? 0;
  }

  /** By route; only those where somebody waits. */
  counts(): Map<string, number> {
    return new Map([...this.#routes].map(([route, all]) => [route, all.size]));
  }

  /** False: there is no room, in the route or at all. */
  add(route: string, one: T, most: number): boolean {
    if (this.of(route) >= most || this.#total >= this.#most) return false;
    const all = this.#routes.get(route) ?? new Set<T>();
    this.#routes.set(route, all.add(one));
    this.#total++;
    return true;
  }

  /** Whether it was there. */
  delete(route: string, one: T): boolean {
    const all = this.#routes.get(route);
    if (!all?.delete(one)) return false;
    this.#total--;
    if (all.size === 0) this.#routes.delete(route);
    return true;
  }

  all(route: string): T[] {
    return [...(this.#routes.get(route) ?? [])];
  }
}
