import { readFileSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { authOf, type KubeConfigSource, loadKubeConfig } from './auth.ts';
import { Client } from './client.ts';

/** The entry `cluster` of a kubeconfig. */
export interface ClusterEntry {
  readonly server: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: true;
  readonly 'tls-server-name'?: string;
  readonly 'proxy-url'?: string;
}

/** How the API server of a context is reached, whole: a certificate in a file is read. Throws as `loadKubeConfig` does. */
export function clusterEntry(source: KubeConfigSource): ClusterEntry {
  const { server, caData, caFile, skipTLSVerify, tlsServerName, proxyUrl } =
    loadKubeConfig(source).getCurrentCluster()!;
  const authority = caData ?? (caFile ? readFileSync(caFile).toString('base64') : undefined);
  return {
    server,
    ...(authority && { 'certificate-authority-data': authority }),
    ...(skipTLSVerify && { 'insecure-skip-tls-verify': true as const }),
    ...(tlsServerName && { 'tls-server-name': tlsServerName }),
    ...(proxyUrl && { 'proxy-url': proxyUrl }),
  };
}

/** A Client from the text of a kubeconfig, which is written nowhere. */
export async function connectByText(text: string): Promise<Client> {
  const load = () => {
    const config = new KubeConfig();
    config.loadFromString(text);
    return config;
  };
  return new Client({ auth: await authOf(load), requestTimeoutMs: 15_000 });
}
