/** A time in RFC 3339 with up to nine digits of the second, so that texts compare as times do. */
export function sortable(time: string): string {
  const [seconds = '', fraction = ''] = time.replace(/Z$/, '').split('.');
  return `${seconds}.${fraction.padEnd(9, '0')}`;
}
