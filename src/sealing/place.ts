/** The one place where a sealed value may be used. */
export interface Place {
  readonly namespace: string;
  /** Of the Secret. */
  readonly name: string;
  /** Of `spec.data`: name of the variable. */
  readonly key: string;
}

export function isSamePlace(a: Place, b: Place): boolean {
  return a.namespace === b.namespace && a.name === b.name && a.key === b.key;
}

/** For messages: `DATABASE_URL of Secret acme/hello`. */
export function placeText({ namespace, name, key }: Place): string {
  return `${key} of Secret ${namespace}/${name}`;
}
