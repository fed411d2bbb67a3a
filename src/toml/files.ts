import type { AppSpecInput } from '../api/app.ts';
import { type Groups, processesOf } from './processes.ts';
import { given, type Section } from './section.ts';

type FileInput = NonNullable<AppSpecInput['files']>[number];

/** `[[files]]`. Of several sources flyctl takes the first of local_path, secret_name, raw_value. */
export function files(root: Section, groups: Groups, app: string): FileInput[] {
  const paths = new Set<string>();
  return root.sections('files').flatMap((section) => {
    const path = section.required('guest_path', section.text('guest_path'), '/');
    if (!/^\/[^:]*$/.test(path)) section.wrong('guest_path', `must be an absolute path without \`:\`, not "${path}"`);
    if (paths.has(path)) section.wrong('guest_path', `${path} is written by another of [[files]] too`);
    paths.add(path);
    const processes = processesOf(section, groups);
    const content = contentOf(section, app);
    return content ? [section.made({ path, ...content, ...given({ processes }) })] : [];
  });
}

function contentOf(section: Section, app: string): Omit<FileInput, 'path'> | undefined {
  if (section.has('local_path')) {
    section.report.markDone(section.path);
    return void section.notConverted(
      'local_path',
      'the file is not in the App: write its content as `raw_value`, or put it into a ConfigMap and name that in files[].configMapKeyRef',
    );
  }
  const key = section.text('secret_name');
  if (key) {
    if (section.has('raw_value')) section.notConverted('raw_value', 'secret_name goes before it');
    section.warn(
      'secret_name',
      `is read from key ${key} of Secret ${app}: put the file itself there, not base64 of it as on Fly`,
    );
    return { secretKeyRef: { name: app, key } };
  }
  const content = section.string('raw_value');
  if (content === undefined && !section.has('raw_value')) section.required('raw_value', content, '');
  return { content: content ?? '' };
}
