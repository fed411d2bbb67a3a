import type { App } from '../api/app.ts';
import type { ObservedService } from '../api/kubernetes.ts';
import type { Settings } from '../desired/settings.ts';
import { edgeUrl, type Outside } from './domains.ts';

/** What the CustomResourceDefinition takes. */
const most = 64;

/** Where an App answers: under its hosts, at its public addresses, and then inside the cluster, one URL for each port. */
export function urlsOf(
  app: Pick<App, 'spec'>,
  service: ObservedService | undefined,
  { hosts, publicService }: Pick<Outside, 'hosts' | 'publicService'>,
  { clusterDomain, edge }: Pick<Settings, 'clusterDomain' | 'edge'>,
): string[] {
  const byHost = hosts
    .filter(({ host }) => !host.startsWith('*.'))
    .flatMap((host) => edgeUrl(app, host, service, edge) ?? []);
  const addresses = publicService?.status?.loadBalancer?.ingress ?? [];
  const byAddress = addresses.flatMap(({ hostname, ip }) => portUrls(publicService, hostname ?? bracketed(ip)));
  const inside = service && `${service.metadata.name}.${service.metadata.namespace}.svc.${clusterDomain}`;
  return [...byHost, ...byAddress, ...portUrls(service, inside)].slice(0, most);
}

function portUrls(service: ObservedService | undefined, host: string | undefined): string[] {
  if (!host) return [];
  return (service?.spec?.ports ?? []).map(({ port, protocol, appProtocol }) => {
    const usual = appProtocol === 'http' ? 80 : appProtocol === 'https' ? 443 : undefined;
    if (usual) return port === usual ? `${appProtocol}://${host}` : `${appProtocol}://${host}:${port}`;
    return `${protocol === 'UDP' ? 'udp' : 'tcp'}://${host}:${port}`;
  });
}

const bracketed = (ip: string | undefined) => (ip?.includes(':') ? `[${ip}]` : ip);
