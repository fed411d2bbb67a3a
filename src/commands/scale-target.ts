/** What `airfield scale` is told: `3`, `worker=2`, `worker/fra=1`. */
export interface ScaleTarget {
  /** Absent: the default group. */
  readonly group?: string;
  readonly region?: string;
  readonly count: number;
}

const form = /^(?:([a-z0-9][-a-z0-9]{0,62})(?:\/([a-z0-9][-a-z0-9]{0,62}))?=)?(\d{1,4})$/;

/** Undefined where it says something else. */
export function scaleTarget(text: string): ScaleTarget | undefined {
  const [, group, region, digits] = form.exec(text) ?? [];
  const count = Number(digits ?? Number.NaN);
  if (!(count <= 1000)) return undefined;
  return { ...(group && { group }), ...(region && { region }), count };
}
