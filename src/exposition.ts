export type Labels = Readonly<Record<string, string | number>>;

/** A metric with all that there is of it right now. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly samples: Iterable<readonly [labels: Labels, value: number]>;
}

/**
 * Metrics as Prometheus reads them, for those that are made anew each time they are asked for, so that nothing is kept of
 * what has gone. Ends with a line break, or is empty.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function exposition(families: Iterable<Family>): string {
  const lines: string[] = [];
  for (const { name, help, type, samples } of families) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of samples) lines.push(`${name}${selector(labels)} ${value}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function selector(labels: Labels): string {
  const pairs: string[] = [];
  for (const name in labels) pairs.push(`${name}="${escaped(`${labels[name]}`)}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}

const special = /[\\"\n]/;
const escaped = (value: string) =>
  special.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value;
