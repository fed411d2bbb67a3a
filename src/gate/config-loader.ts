import { mkdir } from 'node:fs/promises';
import { haproxyConfig } from './config.ts';
import { ConfigFolder } from './config-files.ts';
import type { Haproxy } from './haproxy.ts';
import type { Server } from './machine.ts';
import { routeName } from './route-name.ts';
import { selfSigned } from './self-signed.ts';
import type { ServedRoutes } from './served-routes.ts';
import type { WantedServers } from './server-sync.ts';
import type { GateSettings } from './settings.ts';

/** Has HAProxy serve what it is told, with the files that its configuration needs. */
export class ConfigLoader {
  readonly #settings: GateSettings;
  readonly #haproxy: Haproxy;
  readonly #folder: ConfigFolder;
  #selfSigned: string | undefined;
  /** How often a configuration has been loaded. */
  loads = 0;

  constructor(settings: GateSettings, haproxy: Haproxy) {
    this.#settings = settings;
    this.#haproxy = haproxy;
    this.#folder = new ConfigFolder(settings.directory);
  }

  async prepare(): Promise<void> {
    await mkdir(this.#settings.directory, { recursive: true, mode: 0o700 });
  }

  /** Resolves with the backends that the new process has, and the servers that it has been started with. Throws what HAProxy says if it refuses. */
  async load(served: ServedRoutes, servers: (name: string) => readonly Server[]): Promise<WantedServers[]> {
    // Machines come and go meanwhile.
    const now = new Map([...served.byName.keys()].map((name) => [name, servers(name)]));
    const of = (name: string) => now.get(name) ?? [];
    const { text, files } = haproxyConfig(this.#settings, {
      routes: [...served.byName.values()],
      servers: (route) => of(routeName(route)),
      certificates: served.certificates,
      selfSigned: () => (this.#selfSigned ??= selfSigned(new Date())),
    });
    await this.#folder.write(files);
    await this.#haproxy.load(text);
    await this.#folder.keepOnly(files);
    this.loads++;
    return served.withBackend.map((route) => ({ route, servers: of(routeName(route)) }));
  }
}
