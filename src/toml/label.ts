/** The nearest DNS label: lower case, `-` for anything that is not a letter or digit. It may be empty. */
export function labelOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
}

/** Why a name is not what it was. */
export function becomes(label: string): string {
  return `becomes ${label}: names in an App have only lower-case letters, digits and \`-\``;
}
