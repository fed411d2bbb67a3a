import { KubeError } from '../kube/errors.ts';
import { checkedPublicKey } from '../sealing/public-key.ts';
import { publicKeyConfigMapName } from '../sealing/published-key.ts';
import { readSource } from './conversion.ts';

export interface ClusterFlags {
  readonly context?: string;
  readonly operatorNamespace: string;
}

/** The key to seal for. Throws an Error with one line, and with the next command. */
export async function findPublicKey(flags: ClusterFlags & { readonly publicKey?: string }): Promise<string> {
  return flags.publicKey === undefined ? publicKeyOfCluster(flags) : publicKeyOfFlag(flags.publicKey);
}

/** A key itself, or a file as age has them, in which lines that begin with # are comments. */
async function publicKeyOfFlag(text: string): Promise<string> {
  if (/^age(1|-)/i.test(text)) return namedKey('--public-key', text);
  const source = await readSource(text);
  if (typeof source !== 'string') throw new Error(`--public-key ${text}: ${source.problem}`);
  return namedKey(text, source.split('\n').find((line) => /^\s*[^#\s]/.test(line)) ?? '');
}

async function publicKeyOfCluster({ context, operatorNamespace: namespace }: ClusterFlags): Promise<string> {
  const [{ connect }, { configMaps }] = await Promise.all([
    import('../kube/client.ts'),
    import('../kube/resources.ts'),
  ]);
  const where = `${namespace}/${publicKeyConfigMapName}`;
  try {
    const client = await connect({ context, requestTimeoutMs: 15_000 });
    const ref = { namespace, name: publicKeyConfigMapName };
    const reading = client.get<{ data?: Record<string, string> }>(configMaps, ref);
    const { data } = await reading.finally(() => client.close());
    return namedKey(`ConfigMap ${where}`, data?.publicKey ?? '');
  } catch (error) {
    throw new Error(explained(error as Error, where));
  }
}

function namedKey(where: string, text: string): string {
  try {
    return checkedPublicKey(text);
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`);
  }
}

function explained(error: Error, where: string): string {
  const otherwise = 'or give the key with --public-key';
  if (!(error instanceof KubeError)) return `${error.message}; ${otherwise}`;
  if (error.status === 403) return `${error.message}; ask for the right to get ConfigMap ${where}, ${otherwise}`;
  if (error.status !== 404) return `${error.message}; ${otherwise}`;
  const find = `kubectl get configmaps -A --field-selector metadata.name=${publicKeyConfigMapName}`;
  return `there is no ConfigMap ${where}, in which the operator publishes its key: see whether there is one with \`${find}\`, and name its namespace with --operator-namespace; else start the operator, ${otherwise}`;
}
