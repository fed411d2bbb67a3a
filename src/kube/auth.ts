import { accessSync, existsSync, readFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
// Not the package's index, which brings its HTTP client and the models of every kind along: a third of the start.
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { type Clock, systemClock } from './clock.ts';
import { KubeError } from './errors.ts';

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface TlsOptions extends Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'passphrase'> {
  readonly rejectUnauthorized?: boolean;
  readonly servername?: string;
}

/** How to reach one API server as one user. */
export interface Auth {
  readonly server: URL;
  readonly tls: TlsOptions;
  /** Set where the kubeconfig has a `proxy-url`: connects through it, for requests and watches alike. */
  readonly agent: Agent | undefined;
  /** The namespace of the context; `default` where it names none. */
  readonly namespace: string;
  /**
   * Headers that say who asks. Read again after 30 s, because service account tokens rotate, and at once when the
   * Authorization that the server has just refused is given.
   */
  headers(refused?: string): Promise<Readonly<Record<string, string>>>;
}

export interface KubeConfigSource {
  /** A kubeconfig file. Default: those of KUBECONFIG, ~/.kube/config, or the pod's service account. */
  readonly path?: string | undefined;
  /** Default: the file's current context. */
  readonly context?: string | undefined;
}

/** Throws an Error with one clear line when there is no kubeconfig, or no such context in it. */
export function loadKubeConfig({ path, context }: KubeConfigSource = {}): KubeConfig {
  const config = new KubeConfig();
  const files = path ? [path] : defaultFiles();
  if (files.length > 0) readFiles(config, files);
  else if (existsSync(join(serviceAccount, 'token'))) config.loadFromCluster();
  else throw new Error('No kubeconfig: set KUBECONFIG, or put one at ~/.kube/config');
  if (context) config.setCurrentContext(context);
  const name = config.getCurrentContext();
  const from = files.join(delimiter) || 'the service account';
  if (!name) throw new Error(`${from} has no current context; choose one with --context`);
  if (!config.getContextObject(name)) {
    const known = config.getContexts().map((c) => c.name);
    throw new Error(`No context "${name}" in ${from}; it has ${known.join(', ') || 'none'}`);
  }
  if (!config.getCurrentCluster()) throw new Error(`Context "${name}" in ${from} names a cluster that is not there`);
  return config;
}

/** The namespace that kubectl would use; throws as `loadKubeConfig` does. */
export function currentNamespace(source?: KubeConfigSource): string {
  return namespaceOf(loadKubeConfig(source));
}

/** Names of the contexts that `--context` may have; throws as `loadKubeConfig` does. */
export function contextNames(path?: string): string[] {
  return loadKubeConfig({ path })
    .getContexts()
    .map(({ name }) => name);
}

/** The namespace this process's pod runs in; nothing outside a cluster. */
export function inClusterNamespace(root = serviceAccount): string | undefined {
  try {
    return readFileSync(join(root, 'namespace'), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * The TLS material is read once. `load` is called again when the server refuses the credentials, so that an exec
 * plugin or a token file is asked anew.
 */
export async function authOf(load: () => KubeConfig, clock: Clock = systemClock): Promise<Auth> {
  let config = load();
  const cluster = config.getCurrentCluster()!;
  const server = checkedServer(cluster.server);
  const options = await optionsOf(config);
  let current = { headers: headersOf(options), at: clock.monotonic() };
  let refreshing: Promise<Readonly<Record<string, string>>> | undefined;

  const refresh = async (anew: boolean) => {
    if (anew) config = load();
    current = { headers: headersOf(await optionsOf(config)), at: clock.monotonic() };
    return current.headers;
  };
  const { ca, cert, key, passphrase, rejectUnauthorized, servername } = options;
  if (cluster.proxyUrl && options.agent) Object.assign(options.agent, { keepAlive: true });
  return {
    server,
    tls: defined({ ca, cert, key, passphrase, rejectUnauthorized, servername }),
    agent: cluster.proxyUrl ? (options.agent as Agent) : undefined,
    namespace: namespaceOf(config),
    headers(refused) {
      const isRefused = refused !== undefined && refused === current.headers.authorization;
      if (!isRefused && clock.monotonic() - current.at < 30_000) return Promise.resolve(current.headers);
      refreshing ??= refresh(isRefused).finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },
  };
}

const namespaceOf = (config: KubeConfig) => config.getContextObject(config.getCurrentContext())?.namespace || 'default';

/** Like kubectl: files of KUBECONFIG that do not exist are passed over. */
function defaultFiles(): string[] {
  const named = process.env.KUBECONFIG?.split(delimiter).filter(Boolean) ?? [];
  if (named.length > 0) {
    const there = named.filter((file) => existsSync(file));
    if (there.length === 0) throw new Error(`KUBECONFIG names ${named.join(', ')}, which does not exist`);
    return there;
  }
  const usual = join(homedir(), '.kube', 'config');
  return existsSync(usual) ? [usual] : [];
}

function readFiles(config: KubeConfig, files: string[]): void {
  for (const [index, file] of files.entries()) {
    const part = index === 0 ? config : new KubeConfig();
    try {
      accessSync(file);
      part.loadFromFile(file);
    } catch (error) {
      throw new Error(`Cannot read the kubeconfig ${file}: ${(error as Error).message.split('\n')[0]}`);
    }
    if (part !== config) merge(config, part);
  }
}

/** Like kubectl: of two entries with one name the first file's holds. */
function merge(config: KubeConfig, part: KubeConfig): void {
  for (const cluster of part.clusters) if (!config.getCluster(cluster.name)) config.addCluster(cluster);
  for (const user of part.users) if (!config.getUser(user.name)) config.addUser(user);
  for (const context of part.contexts) if (!config.getContextObject(context.name)) config.addContext(context);
  if (!config.getCurrentContext()) config.setCurrentContext(part.getCurrentContext());
}

function checkedServer(address: string): URL {
  const server = new URL(address);
  const isLoopback = ['127.0.0.1', '[::1]', 'localhost'].includes(server.hostname);
  if (server.protocol === 'http:' && !isLoopback) {
    throw new Error(`The kubeconfig's server ${server.origin} is not https; credentials would travel in clear text`);
  }
  return server;
}

async function optionsOf(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  const cluster = config.getCurrentCluster()!;
  // KubeConfig takes http only with this; `checkedServer` has allowed it on loopback.
  if (cluster.server.startsWith('http:')) Object.assign(cluster, { skipTLSVerify: true });
  try {
    await config.applyToHTTPSOptions(options);
  } catch (cause) {
    const text = `the kubeconfig's credentials cannot be read: ${(cause as Error).message}`;
    throw new KubeError({ status: 401, reason: 'Unauthorized', text, cause });
  }
  return options;
}

function headersOf({ headers = {}, auth }: RequestOptions): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value).trim()]);
  const basic = auth ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
  return Object.freeze({ ...basic, ...Object.fromEntries(entries) });
}

function defined<T extends object>(values: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null)) as {
    [K in keyof T]: NonNullable<T[K]>;
  };
}
