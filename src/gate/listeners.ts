import type { Route } from '../api/route.ts';
import { defaults, type GateSettings } from './settings.ts';
import { word } from './words.ts';

/**
 * A frontend on a port, on all addresses of the gate. Whoever has to begin with a header of the PROXY protocol does so here: HAProxy
 * 2.6 passes over such a rule in `defaults`. Whoever else begins with one is refused, as it would say of itself who it is.
 */
export function listener(
  { addresses = defaults.addresses, acceptProxy = [] }: GateSettings,
  binds: readonly { readonly port: number; readonly options?: string }[],
): string[] {
  return [
    ...binds.flatMap(({ port, options = '' }) =>
      addresses.map((address) => `bind ${word(`${address}:${port}`)} ${options}`.trimEnd()),
    ),
    ...(acceptProxy.length > 0
      ? [`tcp-request connection expect-proxy layer4 if { src ${acceptProxy.map(word).join(' ')} }`]
      : []),
  ];
}

/**
 * Two threads that look at the same moment whether a machine has room both find it (HAProxy 2.6 counts after it has chosen), so
 * all that comes to a backend with a limit is served by one, which its name decides. Its servers are changed by that, too.
 */
export function threadOf(backend: string, { threads = defaults.threads }: Pick<GateSettings, 'threads'>): number {
  const sum = [...backend].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  return (sum % threads) + 1;
}

export const onOneThread = (backend: string, settings: GateSettings) => `thread ${threadOf(backend, settings)}`;

/**
 * What a request has come to, for the rules of backends, which several routes may share: the port that clients know, where no
 * ingress has said another one, and whether it has to be https.
 */
export function routeVariables({ port, http }: Route): string[] {
  return [
    `http-request set-var(txn.service_port,ifnotexists) int(${port})`,
    ...(http.forceHttps ? ['http-request set-var(txn.only_https) bool(true)'] : []),
  ];
}
