import type { SecretNames } from './files.ts';
import type { AppManifest } from './manifest.ts';
import type { Groups } from './processes.ts';

/** What machines are converted with. */
export interface MachineContext {
  readonly app: AppManifest;
  readonly groups: Groups;
  readonly secrets: SecretNames | undefined;
  /** Images that the machines of the App run on Fly. */
  readonly images: ReadonlySet<string>;
}
