import type { Route } from '../api/route.ts';
import type { Certificate } from './certificates.ts';
import type { ConfigFiles } from './config-files.ts';
import { nobody } from './self-signed.ts';

/** The `intermediate` profile of Mozilla without DHE, which needs parameters of its own: https://ssl-config.mozilla.org. */
export const tlsDefaults = [
  '  ssl-default-bind-options ssl-min-ver TLSv1.2 prefer-client-ciphers no-tls-tickets',
  '  ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
  '  ssl-default-bind-ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305',
];

/** HAProxy reads lines of 65536 bytes; a host has 253 at most. */
const hostsInLine = 200;

/** What listeners need to end TLS: files with certificates, and lists that say which host has which. */
export class TlsFiles {
  readonly #files: ConfigFiles;
  readonly #byHost: ReadonlyMap<string, Certificate>;
  readonly #selfSigned: () => string;

  /** `selfSigned`: key and certificate in PEM. */
  constructor(files: ConfigFiles, certificates: readonly Certificate[], selfSigned: () => string) {
    this.#files = files;
    this.#byHost = certificatesByHost(certificates);
    this.#selfSigned = selfSigned;
  }

  /** What follows the address of `bind` at the edge, where each host has options of its own. */
  ofEdge(routes: readonly Route[]): string {
    return `ssl strict-sni crt-list ${this.#list(routes)} alpn h2,http/1.1`;
  }

  /** The same for bytes. */
  ofBytes(routes: readonly Route[]): string {
    return `ssl strict-sni crt-list ${this.#list(routes)}`;
  }

  /** The same on the own port of a route. */
  ofRoute(route: Route): string {
    const all = ['ssl', ...(route.tls?.selfSigned ? [`crt ${this.#self()}`] : ['strict-sni'])];
    return [...all, `crt-list ${this.#list([route])}`, options(route)].join(' ').trimEnd();
  }

  /** Path of the list with the hosts of these routes. Those that have no certificate are not in it. */
  #list(routes: readonly Route[]): string {
    const entries = routes.flatMap((route) =>
      route.hosts.flatMap((host) => {
        const file = this.#fileOf(route, host);
        return file ? [{ host, from: `${file} [${options(route)}]`.replace(' []', '') }] : [];
      }),
    );
    const lines = [...Map.groupBy(entries, ({ from }) => from)].flatMap(([from, all]) =>
      chunks(all, hostsInLine).map((some) => [from, ...some.map(({ host }) => host)].join(' ')),
    );
    // HAProxy warns of a list with nothing in it.
    const some = lines.length > 0 ? lines : [`${this.#self()} ${nobody}`];
    return this.#files.path('crt-list', some.map((line) => `${line}\n`).join(''));
  }

  #fileOf(route: Route, host: string): string | undefined {
    const certificate = certificateOf(this.#byHost, host);
    if (certificate) return this.#files.path('pem', certificate.pem);
    return route.tls?.selfSigned ? this.#self() : undefined;
  }

  #self(): string {
    return this.#files.path('pem', this.#selfSigned());
  }
}

/** The hosts of routes for which there is no certificate, in words. */
export function withoutCertificates(
  routes: readonly Route[],
  certificates: readonly Certificate[],
): Map<Route, string[]> {
  const byHost = certificatesByHost(certificates);
  const needed = routes.filter(({ tls }) => tls && !tls.selfSigned);
  return new Map(needed.map((route) => [route, route.hosts.filter((host) => !certificateOf(byHost, host))]));
}

/** Of two certificates for the same host the first one counts. */
function certificatesByHost(certificates: readonly Certificate[]): Map<string, Certificate> {
  const entries = certificates.flatMap((one) => one.hosts.map((host) => [host, one] as const));
  return new Map(entries.toReversed());
}

function certificateOf(byHost: ReadonlyMap<string, Certificate>, host: string): Certificate | undefined {
  return byHost.get(host) ?? byHost.get(host.replace(/^[^.]*/, '*'));
}

/** As `bind` and lists of certificates want them. */
function options({ mode, tls }: Route): string {
  const alpn = tls?.alpn ?? (mode === 'http' ? ['h2', 'http/1.1'] : []);
  const [only, ...more] = new Set(tls?.versions);
  return [
    ...(alpn.length > 0 ? [`alpn ${alpn.join(',')}`] : []),
    ...(only && more.length === 0 ? [`ssl-min-ver ${only} ssl-max-ver ${only}`] : []),
  ].join(' ');
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  const count = Math.ceil(all.length / size);
  return Array.from({ length: count }, (_, index) => all.slice(index * size, (index + 1) * size));
}
