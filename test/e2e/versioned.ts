import type { AppSpecInput } from '../../src/api/app.ts';
import type { AppStatus } from '../../src/api/app-status.ts';
import { app } from './apps.ts';
import { type Namespace, patience, until } from './kubectl.ts';
import { machinesOf, type TestMachine } from './machines.ts';
import { Traffic } from './traffic.ts';
import { Witness } from './witness.ts';

type Deploy = NonNullable<AppSpecInput['deploy']>;
export type Strategy = NonNullable<Deploy['strategy']>;
export const strategies = ['rolling', 'immediate', 'canary', 'bluegreen'] as const satisfies Strategy[];

/** What one release has beside the App's own. */
export interface Change {
  readonly image?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly deploy?: Deploy;
}

/** Machines of each. */
const count = 2;

/** What releaseCommand is in these tests: images/versioned/release.js. */
export const releaseCommand = ['node', 'release.js'];

/** An App whose releases tell themselves apart: images/versioned/server.js, with traffic to it. */
export class VersionedApp {
  readonly name: string;
  readonly #namespace: Namespace;
  readonly #deploy: Deploy;
  #traffic: Traffic | undefined;
  #edits = 0;

  private constructor(namespace: Namespace, name: string, deploy: Deploy) {
    this.#namespace = namespace;
    this.name = name;
    this.#deploy = deploy;
  }

  /** Its first release serves and is asked `rate` times a second. */
  static async start(namespace: Namespace, name: string, deploy: Deploy, { rate = 200 } = {}): Promise<VersionedApp> {
    const self = new VersionedApp(namespace, name, deploy);
    await self.edit();
    await namespace.waitReady(name);
    self.#traffic = await Traffic.start(namespace, name, { rate });
    return self;
  }

  get traffic(): Traffic {
    if (!this.#traffic) throw new Error(`${this.name} has no traffic yet`);
    return this.#traffic;
  }

  /** What the machines of the last edit answer. */
  get version(): string {
    return `v${this.#edits}`;
  }

  /** Applies a new VERSION with `change`, which replaces that of the edit before. */
  async edit({ image = 'airfield.local/versioned:1', env = {}, deploy = {} }: Change = {}): Promise<string> {
    this.#edits++;
    await this.#namespace.apply(
      app(this.name, {
        image,
        env: { VERSION: this.version, WITNESS: Witness.address, ...env },
        processes: [{ name: 'app', count }],
        services: [
          {
            internalPort: 8080,
            ports: [{ port: 80, handlers: ['http'] }],
            // A machine is asked often, and has time: that this one is busy must not look like a machine that is not well.
            checks: [{ type: 'http', path: '/health', interval: '2s', timeout: '10s' }],
          },
        ],
        deploy: { ...this.#deploy, ...deploy },
      }),
    );
    return this.version;
  }

  async status(): Promise<AppStatus> {
    return (await this.#namespace.get<{ status: AppStatus }>('app', this.name)).status;
  }

  /** The number of the release that was made last. */
  async release(): Promise<number> {
    return (await this.status()).release?.version ?? 0;
  }

  /** Waits until release `version` is in `phase`. */
  async reaches(version: number, phase: string): Promise<AppStatus> {
    try {
      for (const [field, value] of Object.entries({ version, phase }))
        await this.#namespace.wait(`jsonpath={.status.release.${field}}=${value}`, `app/${this.name}`);
    } catch (cause) {
      const status = JSON.stringify(await this.status(), null, 2);
      throw new Error(`${this.name}: release ${version} not ${phase} within ${patience} ms: ${status}`, { cause });
    }
    return this.status();
  }

  /**
   * Waits until it has as many machines as it should, all ready and of one version (`version`, where it is given), and
   * none of another one is being drained. That version.
   */
  async settles(version?: string): Promise<string> {
    const settled = async () => {
      const machines = await this.machines();
      const one = machines[0]?.version;
      const alike = machines.length === count && machines.every((each) => each.ready && each.version === one);
      return alike && (version ?? one) === one ? one : undefined;
    };
    return (await until(`${this.name} to have machines of ${version ?? 'one version'}`, settled)) ?? '';
  }

  machines(): Promise<TestMachine[]> {
    return machinesOf(this.#namespace, this.name);
  }
}
