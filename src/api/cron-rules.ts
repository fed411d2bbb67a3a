import { type CronField, cronBlank, cronBounds, cronDescriptors, cronFields } from './cron-fields.ts';
import { celList, type Rule } from './scalars.ts';

const words = `self.findAll(r'[^${cronBlank.re2}]+')`;
const isTimes = `(!self.startsWith('@') && ${words}.size() == ${cronFields.length})`;

const unit = '(ns|us|µs|μs|ms|s|m|h)';
const everyPattern = String.raw`^@every [-+]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)${unit})+)$`;

/**
 * What CronJob refuses, as CEL rules of a field that may also be one of `more`: so the API server refuses it at once and
 * names the part that is wrong. `cron.ts` is the whole of it; steps of 19 digits and an `@every` beyond 292 years are
 * not told from others here.
 */
export function cronRules(more: readonly string[]): Rule[] {
  const whole = [...more, ...Object.keys(cronDescriptors)];
  return [
    {
      rule: "!self.contains('TZ')",
      message: 'a time zone goes into `timeZone`, not into the schedule',
    },
    {
      rule: `self in ${celList(whole)} || self.matches(r'${everyPattern}') || ${isTimes}`,
      message: `write five fields (${cronFields.map(({ name }) => name).join(', ')}), such as \`0 3 * * *\`, or \`@every 90m\`, or ${more.map((word) => `\`${word}\``).join(', ')}`,
    },
    ...cronFields.map((field, at) => ({
      rule: `!${isTimes} || ${words}[${at}].lowerAscii().split(',').all(e, e.matches(r'${elementPattern(field)}') && ${isInOrder(field)})`,
      message: `the ${field.name} (${field.position} field) goes from ${cronBounds(field)}, and a range from the smaller to the larger: write ${field.usage}`,
    })),
  ];
}

/** What stands between two commas, which may be nothing. Whatever follows on `*-` does not count. */
function elementPattern(field: CronField): string {
  const value = `(\\+?0*(${numbersPattern(field)})${field.names.map((name) => `|${anyLetter(name)}`).join('')})`;
  return `^(([*?](-[^/]*)?|${value}(-${value})?)(/\\+?0*[1-9][0-9]{0,17})?)?$`;
}

/** The Turkish capital is an `i` for Go, and no ASCII. */
const anyLetter = (name: string) => name.replace('i', '[iİ]');

/** The numbers of a field without leading zeros: `[0-9]|[1-4][0-9]|5[0-9]`. */
function numbersPattern({ min, max }: CronField): string {
  const tens = Math.floor(max / 10);
  const lowest = `[${min}-${Math.min(max, 9)}]`;
  if (tens === 0) return lowest;
  const between = tens > 1 ? [`[1-${tens - 1}][0-9]`] : [];
  return [lowest, ...between, `${tens}[0-${max % 10}]`].join('|');
}

/** Of `5-10/2`, 5 must not be above 10. After `*-` nothing counts. */
function isInOrder(field: CronField): string {
  const end = (at: number) => numberOf(`e.split('/')[0].split('-')[${at}]`, field);
  return `(!e.matches('^[^*?/]*-') || ${end(0)} <= ${end(1)})`;
}

function numberOf(text: string, { names, min }: CronField): string {
  const spellings = names.flatMap((name, at) => [name, name.replace('i', 'İ')].map((spelling) => [spelling, at + min]));
  const entries = [...new Map(spellings as [string, number][])].map(([name, number]) => `'${name}': ${number}`);
  if (entries.length === 0) return `int(${text})`;
  return `{${entries.join(', ')}}[?${text}].orValue(int(${text}))`;
}
