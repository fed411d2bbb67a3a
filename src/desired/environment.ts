import type { Container } from '../api/kubernetes.ts';
import { label } from '../api/meta.ts';
import { memoryMiB } from './resources.ts';
import type { Settings } from './settings.ts';
import type { OwnMachine, Workload } from './workloads.ts';

type EnvVar = NonNullable<Container['env']>[number];

/** What tells a machine who it is. */
export type Machine = Pick<Workload, 'app' | 'release' | 'group' | 'region' | 'own'>;

/**
 * The environment of a container: Fly's own variables of its machine (https://fly.io/docs/machines/runtime-environment/),
 * then the user's, which are those of the App unless the container has its own. `FLY_PUBLIC_IP` is left out: a pod has no
 * public address of its own.
 */
export function environment(
  { app, release, group, region, own: machine }: Machine,
  settings: Settings,
  env: Record<string, string> = withoutSecrets(release.spec),
): EnvVar[] {
  const { image, primaryRegion } = release.spec;
  const own: EnvVar[] = [
    { name: 'FLY_APP_NAME', value: app.metadata.name },
    { name: 'FLY_PROCESS_GROUP', value: group.name },
    { name: 'FLY_IMAGE_REF', value: image },
    { name: 'FLY_REGION', value: region ?? settings.defaultRegion },
    { name: 'FLY_VM_MEMORY_MB', value: `${memoryMiB(group.vm)}` },
    ...(machine ? ownIdentity(machine) : podIdentity),
    field('FLY_PRIVATE_IP', 'status.podIP'),
  ];
  const regional: EnvVar[] = primaryRegion ? [{ name: 'PRIMARY_REGION', value: primaryRegion }] : [];
  const taken = new Set([...own, ...regional].map(({ name }) => name));
  const users = variables(env).filter(({ name }) => !taken.has(name));
  return [...own, ...regional, ...users];
}

/** A machine of an App is its pod. */
const podIdentity: readonly EnvVar[] = [
  field('FLY_MACHINE_ID', 'metadata.name'),
  field('FLY_ALLOC_ID', 'metadata.name'),
  field('FLY_MACHINE_VERSION', `metadata.labels['${label.release}']`),
];

function ownIdentity({ id, version }: OwnMachine): EnvVar[] {
  return [
    { name: 'FLY_MACHINE_ID', value: id },
    { name: 'FLY_ALLOC_ID', value: id },
    { name: 'FLY_MACHINE_VERSION', value: version },
  ];
}

/** Secrets go before what the spec says, as on Fly; of two of one name Kubernetes takes `env` and not `envFrom`. */
function withoutSecrets({ env, secrets }: Machine['release']['spec']): Record<string, string> {
  const taken = new Set(secrets.flatMap(({ keys }) => keys));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !taken.has(name)));
}

export function variables(env: Record<string, string>): EnvVar[] {
  return Object.keys(env)
    .sort()
    .map((name) => ({ name, value: literal(env[name] ?? '') }));
}

/**
 * Kubernetes replaces `$(NAME)` in values and arguments, Fly does not; doubling the `$` keeps the text as it was written.
 * https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export function literal(value: string): string {
  return /\$[$(]/.test(value) ? value.replaceAll('$', '$$$$') : value;
}

function field(name: string, fieldPath: string): EnvVar {
  return { name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } };
}
