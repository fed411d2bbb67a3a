import { maxSealedLength, type SecretSpecInput } from '../api/secret.ts';
import type { AppManifest, SecretManifest } from '../toml/manifest.ts';
import { namespaceOfKubeConfig } from './kubeconfig-namespace.ts';
import { type ClusterFlags, findPublicKey } from './sealing-key.ts';

export interface SecretFlags extends ClusterFlags {
  readonly namespace?: string;
  /** A .env file, or `-`. */
  readonly secrets?: string;
  readonly plainSecrets?: true;
  readonly publicKey?: string;
}

/** Makes the Secret of an App from its values. */
export interface Sealer {
  /** The one that values are sealed for, and that the App must be in; undefined where any will do. */
  readonly namespace: string | undefined;
  secretOf(app: AppManifest, values: ReadonlyMap<string, string>): Promise<SecretManifest>;
}

/** What the flags ask for. Throws an Error with one line, and with the next command. */
export async function sealerFor(flags: SecretFlags): Promise<Sealer | undefined> {
  const { secrets, plainSecrets, namespace } = flags;
  if (secrets === undefined) {
    const alone = plainSecrets ? '--plain-secrets' : flags.publicKey === undefined ? undefined : '--public-key';
    if (alone) throw new Error(`${alone} is for secrets: name a file of them with --secrets`);
    return undefined;
  }
  if (plainSecrets)
    return { namespace, secretOf: (app, values) => secretWith(app, values, async (value) => ({ value })) };
  const publicKey = await findPublicKey(flags).catch((error: Error) => {
    throw new Error(`${error.message}; or have the values printed as they are with --plain-secrets`);
  });
  const { seal } = await import('../sealing/box.ts');
  const own = namespace ?? (await namespaceOfKubeConfig(flags.context));
  return {
    namespace: own,
    secretOf: (app, values) =>
      secretWith(app, values, async (value, key) => {
        const sealed = await seal(value, { namespace: own, name: app.metadata.name, key }, publicKey);
        if (sealed.length > maxSealedLength)
          throw new Error(`the value of ${key} is too large: 64 KiB is about the most`);
        return { sealed };
      }),
  };
}

type Data = SecretSpecInput['data'];

async function secretWith(
  app: AppManifest,
  values: ReadonlyMap<string, string>,
  sourceOf: (value: string, key: string) => Promise<Data[string]>,
): Promise<SecretManifest> {
  const { secretOf } = await import('../toml/secret-manifest.ts');
  const entries = [...values].map(async ([key, value]) => [key, await sourceOf(value, key)] as const);
  return secretOf(app, Object.fromEntries(await Promise.all(entries)));
}
