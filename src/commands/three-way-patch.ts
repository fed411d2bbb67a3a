/** Where client-side `kubectl apply` keeps what was applied last. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The JSON merge patch (RFC 7386) that client-side `kubectl apply` sends for a custom resource: all that is wanted, and
 * null for what was applied before and is wanted no longer. Lists are replaced as a whole.
 */
export function threeWayPatch(lastApplied: Fields, wanted: Fields): Fields {
  const gone = Object.keys(lastApplied).filter((key) => !Object.hasOwn(wanted, key));
  const kept = Object.entries(wanted).map(([key, value]) => {
    const before = Object.hasOwn(lastApplied, key) ? lastApplied[key] : undefined;
    return [key, isFields(before) && isFields(value) ? threeWayPatch(before, value) : value];
  });
  return Object.fromEntries([...gone.map((key) => [key, null]), ...kept]);
}

/** What the annotation says, where there is one that can be read. */
export function lastAppliedOf(annotations: Readonly<Record<string, string>> = {}): Fields | undefined {
  try {
    const said: unknown = JSON.parse(annotations[lastAppliedAnnotation] ?? '');
    return isFields(said) ? said : undefined;
  } catch {
    return undefined;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
