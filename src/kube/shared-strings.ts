/** Strings that are longer are rarely the same. */
const longest = 100;
/** Enough for what neighbours in a list share, and few enough to be found fast. */
const most = 300;

/**
 * Makes equal strings of objects that came as JSON one and the same: names, labels and identifiers of an App stand in all that it is made
 * of, many times over, and take a quarter of the memory of a cache. Remembers those that were met last, and no others.
 */
export class SharedStrings {
  /** By themselves. */
  #recent = new Map<string, string>();
  #before = new Map<string, string>();

  /** Changes the strings within `value`, which nobody else has, and gives it back. */
  in<T>(value: T): T {
    if (typeof value === 'string') return this.#one(value) as T;
    if (typeof value !== 'object' || value === null) return value;
    const parts = value as Record<string, unknown>;
    for (const name of Object.keys(parts)) parts[name] = this.in(parts[name]);
    return value;
  }

  #one(text: string): string {
    if (text.length > longest) return text;
    const known = this.#recent.get(text);
    if (known !== undefined) return known;
    const one = this.#before.get(text) ?? text;
    this.#recent.set(one, one);
    if (this.#recent.size > most) [this.#before, this.#recent] = [this.#recent, new Map()];
    return one;
  }
}
