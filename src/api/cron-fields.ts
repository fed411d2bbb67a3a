/** One of the five fields of a cron expression. */
export interface CronField {
  readonly name: string;
  readonly position: string;
  readonly min: number;
  readonly max: number;
  /** Words for its numbers, from `min` on; upper and lower case are the same. */
  readonly names: readonly string[];
  /** What to write, in words. */
  readonly usage: string;
}

/** In the order in which they are written. */
export const cronFields: readonly CronField[] = [
  field('minute', 'first', [0, 59], '`5`, `0,30`, `10-20` or `*/15`'),
  field('hour', 'second', [0, 23], '`3`, `8,20`, `9-17` or `*/6`'),
  field('day of month', 'third', [1, 31], '`1`, `1,15`, `1-7` or `*/2`'),
  field(
    'month',
    'fourth',
    [1, 12],
    '`6`, `JAN,JUL`, `3-5` or `*/3`',
    'jan feb mar apr may jun jul aug sep oct nov dec',
  ),
  field(
    'day of week',
    'fifth',
    [0, 6],
    '`1`, `SAT,SUN` or `MON-FRI`, where 0 is Sunday',
    'sun mon tue wed thu fri sat',
  ),
];

/** The numbers and names of a field, in words. */
export function cronBounds({ min, max, names }: CronField): string {
  const [first, last] = [names[0], names.at(-1)].map((name) => name?.toUpperCase());
  return `${min} to ${max}${first ? ` or ${first} to ${last}` : ''}`;
}

/** What Kubernetes has for whole expressions. Upper and lower case are not the same here. */
export const cronDescriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/**
 * What Go takes for white space between the fields, as RE2 and JavaScript write it inside of `[]`; `\x85` is spelled in
 * two ways there. https://pkg.go.dev/unicode#IsSpace
 */
export const cronBlank = { re2: String.raw`\t-\r\pZ\x{85}`, javaScript: String.raw`\t-\r\p{Z}\x85` } as const;

function field(
  name: string,
  position: string,
  [min, max]: readonly [number, number],
  usage: string,
  names = '',
): CronField {
  return { name, position, min, max, names: names.split(' ').filter(Boolean), usage };
}
