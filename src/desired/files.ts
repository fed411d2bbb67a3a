import { createHash } from 'node:crypto';
import type { App } from '../api/app.ts';
import type { ConfigMap, Volume, VolumeMount } from '../api/kubernetes.ts';
import type { Release, ReleaseSpec } from '../api/release.ts';
import type { File } from '../api/storage.ts';
import { appLabels, machineLabels } from './labels.ts';
import { childName, machineChildName } from './names.ts';
import type { OwnMachine, Workload } from './workloads.ts';

/** A ConfigMap holds 1 MiB, and the App and its release, which have the contents too, must fit into etcd's 1.5 MiB. */
const largestContent = 900_000;

/** Name of the volume with the files that have a `content`. */
export const contentsVolume = 'airfield-files';

/** Volumes of a pod, and where a container sees them. */
export interface Mounted {
  readonly volumes: Volume[];
  readonly volumeMounts: VolumeMount[];
}

/**
 * The contents of a release's files, or undefined where none has any. The name is made from the contents, so that a
 * release keeps its own as long as a machine of it runs or may come back by a rollback: a machine of an old release that
 * is started again finds the old contents, and one without a change of them shares the ConfigMap of its predecessor.
 */
export function fileConfigMap(app: App, { spec }: Pick<Release, 'spec'>, own?: OwnMachine): ConfigMap | undefined {
  const data = contentsOf(spec);
  if (Object.keys(data).length === 0) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: configMapName({ app, ...(own && { own }) }, data),
      namespace: app.metadata.namespace,
      labels: own ? machineLabels(app.metadata.name, own.name) : appLabels(app),
    },
    data,
    immutable: true,
  };
}

/** Why the files of a release cannot be stored, in words for its user; undefined where they can. */
export function filesTooLarge({ files }: Pick<ReleaseSpec, 'files'>): string | undefined {
  const bytes = files.reduce((sum, { content = '' }) => sum + Buffer.byteLength(content), 0);
  if (bytes <= largestContent) return undefined;
  const kilobytes = (count: number) => `${Math.ceil(count / 1000)} kB`;
  return `files[].content has ${kilobytes(bytes)} in total, and at most ${kilobytes(largestContent)} can be stored: put large files into the image, or into ConfigMaps of their own and name them by \`configMapKeyRef\``;
}

/**
 * The files of a group, each mounted alone and read-only at its path. A Secret or ConfigMap that is missing keeps the
 * machine from starting, for a program without its file would start wrong.
 */
export function filesOf(machine: Pick<Workload, 'app' | 'release' | 'group' | 'own'>): Mounted {
  const { group, release } = machine;
  const { spec } = release;
  const contents = contentsOf(spec);
  const files = spec.files
    .filter(({ processes }) => !processes || processes.includes(group.name))
    .map((file) => ({ ...sourceOf(file, configMapName(machine, contents)), file }));
  const bySource = Map.groupBy(files, ({ volume }) => volume);
  return {
    volumes: [...bySource].map(([name, entries]) => {
      const items = entries.map(({ file, key }) => ({ key, path: keyOf(file) }));
      const [{ kind, object }] = entries as [(typeof entries)[number]];
      return kind === 'secret'
        ? { name, secret: { secretName: object, items } }
        : { name, configMap: { name: object, items } };
    }),
    volumeMounts: files.map(({ volume, file }) => ({
      name: volume,
      mountPath: file.path,
      subPath: keyOf(file),
      readOnly: true,
    })),
  };
}

interface Source {
  /** Name of the volume: with one single `-`, which no volume of a mount has (`names.ts`). */
  readonly volume: string;
  readonly kind: 'secret' | 'configMap';
  /** Name of the object. */
  readonly object: string;
  readonly key: string;
}

function sourceOf(file: File, contents: string): Source {
  const { secretKeyRef, configMapKeyRef } = file;
  if (secretKeyRef) return referenced('secret', secretKeyRef);
  if (configMapKeyRef) return referenced('configMap', configMapKeyRef);
  return { volume: contentsVolume, kind: 'configMap', object: contents, key: keyOf(file) };
}

/** Names of objects are longer than names of volumes may be, and may have dots in them. */
function referenced(kind: Source['kind'], { name, key }: { name: string; key: string }): Source {
  return { volume: `airfield-${kind.toLowerCase()}-${hash(name)}`, kind, object: name, key };
}

/** The contents by key, sorted, so that the order of the files makes no difference. */
function contentsOf({ files }: Pick<ReleaseSpec, 'files'>): Record<string, string> {
  const entries = files.flatMap((file) => (file.content === undefined ? [] : [[keyOf(file), file.content] as const]));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Each Machine has its own, so that it goes with the Machine. */
function configMapName({ app, own }: Pick<Workload, 'app' | 'own'>, contents: Record<string, string>): string {
  const digest = hash(JSON.stringify(contents));
  return own ? machineChildName(own.name, 'files', digest) : childName(app.metadata.name, 'files', digest);
}

/** A key of a ConfigMap may not have the slashes of a path. */
function keyOf({ path }: File): string {
  return hash(path);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
