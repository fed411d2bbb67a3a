import type { AppSpecInput } from '../api/app.ts';
import { type Groups, processesOf } from './processes.ts';
import { given, type Section } from './section.ts';

type MetricsInput = NonNullable<AppSpecInput['metrics']>[number];

/** `[[metrics]]` or `[metrics]`, and the older keys in `[experimental]`, which count when there is neither. */
export function metrics(root: Section, groups: Groups): MetricsInput[] {
  const found = ['metric', 'metrics']
    .flatMap((key) => root.sections(key))
    .map((section) =>
      section.made({
        port: section.required('port', section.port('port'), 1),
        ...given({
          path: section.text('path'),
          https: section.boolean('https'),
          processes: processesOf(section, groups),
        }),
      }),
    );
  return found.length > 0 ? found : older(root);
}

function older(root: Section): MetricsInput[] {
  const section = root.section('experimental');
  const port = section?.port('metrics_port');
  if (section?.has('metrics_path') && !section.has('metrics_port'))
    section.warn('noEffect', 'metrics_path', 'is not converted: it says nothing without metrics_port');
  if (!section || port === undefined) return [];
  return [section.made({ port, ...given({ path: section.text('metrics_path') }) })];
}
