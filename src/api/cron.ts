import { type CronField, cronBlank, cronBounds, cronDescriptors, cronFields } from './cron-fields.ts';
import { goDuration } from './go-duration.ts';

/** A schedule that CronJob refuses; the message names the field and says what to write instead. */
export class CronError extends Error {}

/** The numbers that one field has. */
export interface CronSet {
  readonly values: ReadonlySet<number>;
  /** Whether the field has a `*` or `?` for itself, so that it does not narrow the days. */
  readonly isOpen: boolean;
}

/** Times of the clock. */
export interface CronTimes {
  readonly minute: CronSet;
  readonly hour: CronSet;
  readonly dayOfMonth: CronSet;
  readonly month: CronSet;
  readonly dayOfWeek: CronSet;
}

/** `@every`: whole seconds between two runs, counted from the last one. */
export interface CronEvery {
  readonly everySeconds: number;
}

const every = '@every ';
const largest = 2n ** 63n - 1n;
const blank = new RegExp(`[${cronBlank.javaScript}]+`, 'u');

/**
 * A schedule as CronJob reads it: exactly what the API server accepts, and with the same meaning
 * (https://pkg.go.dev/github.com/robfig/cron/v3#ParseStandard, and Kubernetes's own rule about time zones).
 * @throws CronError
 */
export function parseCron(text: string): CronTimes | CronEvery {
  if (text.includes('TZ')) throw new CronError('a time zone goes into `timeZone`, not into the schedule');
  if (text.startsWith('@')) return parseDescriptor(text);
  const words = text.split(blank).filter(Boolean);
  if (words.length !== cronFields.length) throw new CronError(wrongCount(text, words.length));
  const [minute, hour, dayOfMonth, month, dayOfWeek] = cronFields.map((field, at) =>
    parseField(words[at] ?? '', field),
  );
  return { minute, hour, dayOfMonth, month, dayOfWeek } as CronTimes;
}

function parseDescriptor(text: string): CronTimes | CronEvery {
  const expression = Object.hasOwn(cronDescriptors, text) && cronDescriptors[text];
  if (expression) return parseCron(expression);
  if (!text.startsWith(every)) {
    const known = [...Object.keys(cronDescriptors), '@every 90m'].map((word) => `\`${word}\``).join(', ');
    throw new CronError(`there is no \`${text}\`: write ${known}`);
  }
  const duration = goDuration(text.slice(every.length));
  if (duration === undefined)
    throw new CronError(
      `\`${text.slice(every.length)}\` is no duration: write hours, minutes and seconds: \`@every 1h30m\``,
    );
  return { everySeconds: Math.max(1, Number(duration / 1_000_000_000n)) };
}

function wrongCount(text: string, count: number): string {
  const lower = text.trim().toLowerCase();
  if (['hourly', 'daily', 'weekly', 'monthly'].includes(lower)) return `\`${text}\`: write \`${lower}\``;
  const names = cronFields.map(({ name }) => name).join(', ');
  const why = count === 6 || count === 7 ? ' (there are no seconds and no years)' : '';
  return `\`${text}\` has ${count} field${count === 1 ? '' : 's'}: write five${why}: ${names}, such as \`0 3 * * *\`, or \`@every 90m\`, \`hourly\`, \`daily\`, \`weekly\`, \`monthly\``;
}

/** An empty element between commas is nothing, and a field of nothing but commas is never due. */
function parseField(text: string, field: CronField): CronSet {
  const sets = text
    .split(',')
    .filter(Boolean)
    .map((range) => parseRange(range, field));
  return { values: new Set(sets.flatMap(({ values }) => [...values])), isOpen: sets.some(({ isOpen }) => isOpen) };
}

function parseRange(range: string, field: CronField): CronSet {
  const [bounds = '', stepText, ...moreSteps] = range.split('/');
  if (moreSteps.length > 0) throw refused(field, range, 'has more than one `/`');
  const step = stepText === undefined ? 1 : stepOf(stepText, range, field);
  const { first, last, isAll } = boundsOf(bounds, range, field, stepText !== undefined);
  const values = new Set<number>();
  for (let value = first; value <= last; value += step) values.add(value);
  return { values, isOpen: isAll && step === 1 };
}

function stepOf(text: string, range: string, field: CronField): number {
  const step = integer(text);
  if (step === undefined || step < 1) throw refused(field, range, 'has a step that is no number above 0');
  return step;
}

/** Whatever follows on `*-` or `?-` does not count; `5/10` goes from 5 to the end. */
function boundsOf(bounds: string, range: string, field: CronField, hasStep: boolean) {
  const [low = '', high, ...more] = bounds.split('-');
  if (low === '*' || low === '?') return { first: field.min, last: field.max, isAll: true };
  if (more.length > 0) throw refused(field, range, 'has more than one `-`');
  const first = numberOf(low, range, field);
  const last = high === undefined ? (hasStep ? field.max : first) : numberOf(high, range, field);
  if (first > last) throw refused(field, range, 'ends before it begins');
  return { first, last, isAll: false };
}

function numberOf(text: string, range: string, field: CronField): number {
  // Go makes an `i` of the Turkish capital, JavaScript an `i` and a dot.
  const index = field.names.indexOf(text.replaceAll('İ', 'i').toLowerCase());
  const value = index < 0 ? integer(text) : index + field.min;
  const isWithin = value !== undefined && value >= field.min && value <= field.max;
  if (!isWithin) throw refused(field, range, `is not within ${cronBounds(field)}`);
  return value;
}

/** As Go reads a number: with a sign and zeros before it, and 64 bits. */
function integer(text: string): number | undefined {
  if (!/^\+?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.replace('+', ''));
  return value > largest ? undefined : Number(value);
}

function refused({ name, position, usage }: CronField, range: string, why: string): CronError {
  return new CronError(`the ${name} (${position} field) \`${range}\` ${why}: write ${usage}`);
}
