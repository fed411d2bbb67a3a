import type { ObservedService } from '../api/kubernetes.ts';

/** Where an App answers inside the cluster, one URL for each port of its Service. */
export function urlsOf(service: ObservedService | undefined, clusterDomain: string): string[] {
  if (!service) return [];
  const host = `${service.metadata.name}.${service.metadata.namespace}.svc.${clusterDomain}`;
  return (service.spec?.ports ?? []).map(({ port, protocol, appProtocol }) => {
    if (appProtocol === 'http') return port === 80 ? `http://${host}` : `http://${host}:${port}`;
    return `${protocol === 'UDP' ? 'udp' : 'tcp'}://${host}:${port}`;
  });
}
