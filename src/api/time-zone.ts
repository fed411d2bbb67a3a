import type { Rule } from './scalars.ts';

/** What a CronJob without a zone would not have: it would go by the clock of whichever machine controls it. */
export const defaultTimeZone = 'Etc/UTC';

const part = '[A-Za-z._0-9+][-A-Za-z._0-9+]{0,13}';

/** The form that CronJob asks for; whether there is such a zone is known only when one is looked up. */
export const timeZoneRules: Rule[] = [
  {
    rule: `self.matches(r'^${part}(/${part})*$') && !self.split('/').exists(p, p == '.' || p == '..') && self.lowerAscii() != 'local'`,
    message: 'write the name of a zone of https://www.iana.org/time-zones, such as `Europe/Berlin`; the default is UTC',
  },
];

/** Whether the time zone database that Node.js has knows this name. In upper and lower case it is generous. */
export function isTimeZone(name: string): boolean {
  try {
    // Offsets are no names, though JavaScript takes them.
    return !name.includes(':') && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
