import { embeddedProvider, whyNotEmbedded } from './embedded/provider.ts';
import { readState } from './embedded/state.ts';
import { givenProvider } from './given.ts';
import { kindProvider, whyNotKind } from './kind.ts';
import type { Provider } from './provider.ts';

export type ProviderKind = Provider['kind'];

export interface Choice {
  readonly name: string;
  /** Only this one. Default: the first that can work. */
  readonly provider?: ProviderKind | undefined;
  /** The API alone runs as ordinary processes anywhere. */
  readonly apiOnly?: boolean;
}

/** The given cluster, else kind, else the embedded one; throws one line that says what is missing. */
export async function chooseProvider({ name, provider, apiOnly }: Choice): Promise<Provider> {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) throw new Error('--name: lower-case letters, digits and "-", at most 31');
  const given = process.env.AIRFIELD_TEST_KUBECONFIG;
  if (apiOnly || (!provider && !given && (await readState(name)))) return embeddedProvider(name);
  if (provider === 'kubeconfig' || (!provider && given)) {
    if (!given) throw new Error('set AIRFIELD_TEST_KUBECONFIG to the path of a kubeconfig');
    return givenProvider(given);
  }
  const noKind = provider === 'embedded' ? 'not asked for' : await whyNotKind();
  if (!noKind) return kindProvider(name);
  const noEmbedded = provider === 'kind' ? 'not asked for' : whyNotEmbedded();
  if (!noEmbedded) return embeddedProvider(name);
  throw new Error(
    `no Kubernetes can be had here: ${provider === 'kind' ? noKind : provider === 'embedded' ? noEmbedded : `${noKind}, and ${noEmbedded}`}. ` +
      'Start Docker and install kind, or run as root on Linux, or set AIRFIELD_TEST_KUBECONFIG',
  );
}
