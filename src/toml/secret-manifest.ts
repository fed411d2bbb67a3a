import { apiVersion } from '../api/meta.ts';
import type { SecretSpecInput } from '../api/secret.ts';
import type { AppManifest, SecretManifest } from './manifest.ts';

/** The Secret of an App, which is called as the App and so is for it alone. */
export function secretOf({ metadata }: AppManifest, data: SecretSpecInput['data']): SecretManifest {
  return { apiVersion, kind: 'Secret', metadata, spec: { data } };
}
