import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import type { AppSpecInput } from '../api/app.ts';
import { renderYaml } from '../toml/render.ts';
import type { Paint } from './terminal.ts';
import { lastAppliedAnnotation } from './three-way-patch.ts';

/** An App as the API server gives it, as far as somebody has written it. */
export interface StoredApp {
  readonly apiVersion: string;
  readonly kind: 'App';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: AppSpecInput;
}

/** A unified diff of what an App is and what it would be; empty where they are the same. */
export function appDiff(live: StoredApp | undefined, applied: StoredApp): string {
  const [before, after] = [live ? written(live) : '', written(applied)];
  if (before === after) return '';
  const { namespace, name } = applied.metadata;
  const oldName = live ? `live/${namespace}/${name}` : '/dev/null';
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY };
  return createTwoFilesPatch(oldName, `applied/${namespace}/${name}`, before, after, undefined, undefined, options);
}

const colours = [
  [/^(---|\+\+\+) /, 'bold'],
  [/^@@/, 'cyan'],
  [/^\+/, 'green'],
  [/^-/, 'red'],
] as const;

/** The same diff in the colours that git gives it. */
export function paintDiff(diff: string, paint: Paint): string {
  const lines = diff.split('\n').map((line, index) => {
    // Lines of the text that are like a header come later than it.
    const colour = colours.find(([start], kind) => (kind > 0 || index < 2) && start.test(line));
    return colour ? paint(colour[1], line) : line;
  });
  return lines.join('\n');
}

/** Without what only the API server and kubectl write: status, managed fields, versions and times. */
function written({ apiVersion, kind, metadata, spec }: StoredApp): string {
  const { name, namespace, labels, annotations = {} } = metadata;
  const { [lastAppliedAnnotation]: _, ...others } = annotations;
  const said = { ...(labels && { labels }), ...(Object.keys(others).length > 0 && { annotations: others }) };
  return renderYaml({ apiVersion, kind, metadata: { name, namespace, ...said }, spec });
}
