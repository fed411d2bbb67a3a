import type { ReleaseSecret } from '../api/release.ts';

/** What an App has of one of its Secrets at the moment. */
export interface AppSecret extends ReleaseSecret {
  /** Whether a change of it waits for a release that is made for another reason. */
  readonly staged: boolean;
}

/** The secrets of a new release: all as they are, those that are staged with them. */
export function secretsOf(secrets: readonly AppSecret[]): ReleaseSecret[] {
  return secrets.map(({ name, digest, keys }) => ({ name, digest, keys }));
}

/** The secrets as far as they ask for another release than `base`: what is staged is as `base` has it. */
export function secretsThatAsk(secrets: readonly AppSecret[], base: readonly ReleaseSecret[]): ReleaseSecret[] {
  return secrets.flatMap(({ staged, ...secret }) =>
    staged ? base.filter(({ name }) => name === secret.name) : [secret],
  );
}
