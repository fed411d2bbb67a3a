/** One word of haproxy.cfg, whatever is in it: between single quotes only the quote itself means something (2.2, "Quoting and escaping"). */
export function word(text: string): string {
  if (/[\0\r\n]/.test(text)) throw new Error('a word of haproxy.cfg cannot have a line break in it');
  return /^[A-Za-z0-9_.:/@*-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The same where HAProxy expects a log format, in which `%` begins a variable. */
export const literal = (text: string): string => word(text.replaceAll('%', '%%'));

const day = 24 * 60 * 60;

/** Seconds as HAProxy wants a time: whole milliseconds, at least one and at most a day (it refuses more than 24 of them). */
export const time = (seconds: number): string => `${Math.max(1, Math.round(Math.min(seconds, day) * 1000))}ms`;
