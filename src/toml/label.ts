/** The nearest DNS label: lower case, `-` for anything that is not a letter or digit. It may be empty. */
export function labelOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
}
