import type { App } from '../api/app.ts';
import type { Container, CoreSecret } from '../api/kubernetes.ts';
import type { ReleaseSpec } from '../api/release.ts';
import type { Machine } from './environment.ts';
import { appLabels, secretsHash, secretsLabel } from './labels.ts';
import { childName } from './names.ts';

type Secrets = ReleaseSpec['secrets'];
type EnvVar = NonNullable<Container['env']>[number];

/**
 * The values that machines of a release have, in a core Secret that never changes: a machine of an old release that is
 * started again finds the old values, so that a release which a new value has broken can be taken back. Its name is made
 * from the digests, so releases with the same values share it.
 */
export function secretValues(app: App, secrets: Secrets, data: Record<string, string>): CoreSecret {
  const { namespace } = app.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: valuesName(app, secrets),
      namespace,
      labels: { ...appLabels(app), ...secretsLabel({ secrets }) },
    },
    type: 'Opaque',
    data,
    immutable: true,
  };
}

/** All secrets, for the program of a machine. */
export function allSecrets({ app, release: { spec } }: Machine): Pick<Container, 'envFrom'> {
  return spec.secrets.length > 0 ? { envFrom: [{ secretRef: { name: valuesName(app, spec.secrets) } }] } : {};
}

/** Only those of these names, for a container beside it. One that the App does not have keeps the container from starting. */
export function someSecrets({ app, release: { spec } }: Machine, names: readonly string[] = []): EnvVar[] {
  const name = valuesName(app, spec.secrets);
  return names.map((key) => ({ name: key, valueFrom: { secretKeyRef: { name, key } } }));
}

/** Which names in `secrets` of containers beside the programs are none of the App's, in words for its user. */
export function unknownSecrets(
  { processes = [] }: Pick<ReleaseSpec, 'processes'>,
  secrets: Secrets,
): string | undefined {
  const known = new Set(secrets.flatMap(({ keys }) => keys));
  const unknown = processes.flatMap((group, i) =>
    (['init', 'sidecars'] as const).flatMap((list) =>
      (group[list] ?? []).flatMap(({ secrets: names = [] }, j) =>
        names
          .filter((name) => !known.has(name))
          .map((name) => `spec.processes[${i}].${list}[${j}].secrets: no Secret of the App has \`${name}\``),
      ),
    ),
  );
  const has = known.size > 0 ? `there are ${[...known].sort().join(', ')}` : 'it has none at all';
  return unknown.length > 0 ? `${unknown.join('; ')} (${has}): add it to a Secret, or remove it here` : undefined;
}

function valuesName(app: Pick<App, 'metadata'>, secrets: Secrets): string {
  return childName(app.metadata.name, 'secrets', secretsHash({ secrets }));
}
