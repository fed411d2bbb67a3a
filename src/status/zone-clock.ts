const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** All of today's zones change their offset at a quarter of an hour. */
const steadyMs = 15 * minuteMs;

const formats = new Map<string, Intl.DateTimeFormat>();

/** The clock on the wall in a time zone. Instants are milliseconds since 1970. */
export class ZoneClock {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  /** Throws a RangeError for a zone that there is not. */
  constructor(zone: string) {
    const known = formats.get(zone);
    this.#format = known ?? new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
    if (!known) formats.set(zone, this.#format);
  }

  /** What it shows, as the UTC fields of a Date. */
  at(instant: number): Date {
    return new Date(instant + this.#offset(instant));
  }

  /**
   * When it shows this; fields beyond their bounds are carried over. Of a time that it shows twice, or never, it is the
   * instant that Go takes: https://pkg.go.dev/time#Date
   */
  instant(year: number, month: number, day: number, hour = 0, minute = 0): number {
    const shown = Date.UTC(year, month, day, hour, minute);
    const offset = this.#offset(shown);
    return offset === 0 ? shown : shown - this.#offset(shown - offset);
  }

  #offset(instant: number): number {
    const key = Math.floor(instant / steadyMs);
    const known = this.#offsets.get(key);
    if (known !== undefined) return known;
    const name = this.#format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = 0, minutes = 0] = /GMT([-+])(\d+):(\d+)/.exec(name) ?? [];
    const offset = (sign === '-' ? -1 : 1) * (Number(hours) * hourMs + Number(minutes) * minuteMs);
    this.#offsets.set(key, offset);
    return offset;
  }
}
