import type { MachineSpecInput } from '../api/machine.ts';
import { type SecretNames, secretFile } from './files.ts';
import { labelOf } from './label.ts';
import { textOf } from './secrets.ts';
import { given, type Section } from './section.ts';

type MountInput = NonNullable<MachineSpecInput['mounts']>[number];
type FileInput = NonNullable<MachineSpecInput['files']>[number];

const gigabytes = { min: 1, max: 100_000 };

/** `mounts` of a machine. A volume is called as on Fly or, where the config has its id alone, as its folder. */
export function machineMounts(config: Section): MountInput[] | undefined {
  const found: MountInput[] = [];
  for (const section of config.sections('mounts')) {
    const destination = pathOf(section, 'path');
    const label = labelOf(section.text('name') ?? '') || labelOf(destination) || 'data';
    const name = freeName(label, new Set(found.map((mount) => mount.name)));
    if (found.some((mount) => mount.destination === destination))
      section.wrong('path', `${destination} is mounted twice: change one of them`, 'contradiction');
    const size = section.integer('size_gb', gigabytes);
    found.push(
      section.made({
        name,
        destination,
        ...given({ size: size ? `${size}Gi` : undefined, autoExtend: autoExtend(section, size) }),
      }),
    );
  }
  return found.length > 0 ? found : undefined;
}

/** The label, or the first that is free of `label-2`, `label-3` and so on, cut to what a name may have. */
function freeName(label: string, taken: ReadonlySet<string>): string {
  let name = label;
  for (let number = 2; taken.has(name); number++) name = `${label.slice(0, 62 - `${number}`.length)}-${number}`;
  return name;
}

function autoExtend(section: Section, size = 1): MountInput['autoExtend'] {
  const threshold = section.integer('extend_threshold_percent', { min: 0, max: 99 });
  if (!threshold) return undefined;
  const limit = section.integer('size_gb_limit', { min: 0, max: 100_000 });
  if (limit && limit < size) section.wrong('size_gb_limit', `must not be below the size of the volume, ${size}`);
  return {
    threshold: Math.max(50, threshold),
    increment: `${section.required('add_size_gb', section.integer('add_size_gb', gigabytes), 1)}Gi`,
    ...given({ limit: limit ? `${limit}Gi` : undefined }),
  };
}

/** `files` of a machine. What flyctl puts into `raw_value` is in base64. */
export function machineFiles(config: Section, app: string, secrets: SecretNames | undefined): FileInput[] | undefined {
  const found = new Map<string, FileInput>();
  for (const section of config.sections('files')) {
    const path = pathOf(section, 'guest_path');
    const content = section.text('secret_name') ? secretFile(section, app, secrets) : rawContent(section);
    if (found.has(path)) section.wrong('guest_path', `${path} is written by another file too`, 'contradiction');
    if (content) found.set(path, section.made({ path, ...content }));
  }
  return found.size > 0 ? [...found.values()] : undefined;
}

function rawContent(section: Section): { content: string } | undefined {
  const raw = section.required('raw_value', section.string('raw_value'), '');
  const content = textOf(Buffer.from(raw, 'base64'));
  if (content !== undefined) return { content };
  const instead = 'put it into a ConfigMap (`kubectl create configmap`), and name that in files[].configMapKeyRef';
  return void section.warn('notSupported', 'raw_value', `is not converted: the file is no text; ${instead}`);
}

function pathOf(section: Section, key: string): string {
  const path = section.required(key, section.text(key), '/x');
  if (!/^\/[^:]*$/.test(path)) section.wrong(key, `must be an absolute path without \`:\`, not "${path}"`);
  return path;
}
