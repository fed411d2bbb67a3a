import type { AppSpecInput } from '../api/app.ts';
import { keys } from './keys.ts';
import { type Groups, processesOf } from './processes.ts';
import { given, type Section } from './section.ts';
import { remarkOf } from './verdict.ts';

type FileInput = NonNullable<AppSpecInput['files']>[number];

/** The names of the secrets that the user gives beside the file. */
export type SecretNames = ReadonlySet<string>;

/** `[[files]]`. Of several sources flyctl takes the first of local_path, secret_name, raw_value. */
export function files(root: Section, groups: Groups, app: string, secrets?: SecretNames): FileInput[] {
  const paths = new Set<string>();
  return root.sections('files').flatMap((section) => {
    const path = section.required('guest_path', section.text('guest_path'), '/');
    if (!/^\/[^:]*$/.test(path)) section.wrong('guest_path', `must be an absolute path without \`:\`, not "${path}"`);
    if (paths.has(path)) section.wrong('guest_path', `${path} is written by another of [[files]] too`, 'contradiction');
    paths.add(path);
    const processes = processesOf(section, groups);
    const content = contentOf(section, app, secrets);
    return content ? [section.made({ path, ...content, ...given({ processes }) })] : [];
  });
}

function contentOf(
  section: Section,
  app: string,
  secrets: SecretNames | undefined,
): Omit<FileInput, 'path'> | undefined {
  const [source, ...others] = ['local_path', 'secret_name', 'raw_value'].filter((key) => section.has(key));
  for (const key of others) section.overridden(key, `${source} goes before it`);
  if (source === 'local_path') {
    section.warnAll('notSupported', `with local_path ${remarkOf(keys['files[].local_path']!)?.message}`);
    return undefined;
  }
  if (source !== 'secret_name') return { content: section.required('raw_value', section.string('raw_value'), '') };
  return secretFile(section, app, secrets);
}

/** A file whose content is a secret of the App. The core Secret that the Secret of an App becomes is called as the App. */
export function secretFile(section: Section, app: string, secrets: SecretNames | undefined): Omit<FileInput, 'path'> {
  const source = 'secret_name';
  const key = section.required(source, section.text(source), '');
  if (!key) section.wrong(source, 'must be the name of a secret');
  else if (!secrets?.has(key)) {
    const advice = secrets
      ? 'the file of secrets has no such variable: add it there'
      : 'put the file itself there, not base64 of it as on Fly';
    section.warn('secretFile', source, `is read from key ${key} of Secret ${app}: ${advice}`);
  }
  return { secretKeyRef: { name: app, key } };
}
