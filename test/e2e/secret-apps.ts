import type { AppSpecInput } from '../../src/api/app.ts';
import type { AppStatus } from '../../src/api/app-status.ts';
import type { SecretSpecInput, SecretStatus } from '../../src/api/secret.ts';
import { app, clientImage } from './apps.ts';
import { type Namespace, until } from './kubectl.ts';

/** A value that crashes the program of `secretApp`, for it begins with `bad`, and that it says when it does. */
export const badValue = 'bad-and-never-to-be-told';

/** A program that does not start with a bad TOKEN. */
export function secretApp(name: string, spec: Partial<AppSpecInput> = {}): object {
  const command = 'case "$TOKEN" in bad*) echo "cannot log in with $TOKEN"; exit 3;; esac; exec httpd -f -p 8080';
  return app(name, {
    image: clientImage,
    killSignal: 'SIGKILL',
    processes: [{ name: 'app', count: 2, command: ['sh', '-c', command] }],
    services: [{ internalPort: 8080, ports: [{ port: 80 }], checks: [{ type: 'tcp', interval: '1s', timeout: '1s' }] }],
    ...spec,
  });
}

export function secret(name: string, data: SecretSpecInput['data'], more: Partial<SecretSpecInput> = {}): object {
  return { apiVersion: 'airfield.dev/v1alpha1', kind: 'Secret', metadata: { name }, spec: { data, ...more } };
}

/** A core Secret as external-secrets makes it. */
export function external(name: string, values: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: values };
}

const unset = '<unset>';

interface Pod {
  metadata: { name: string; deletionTimestamp?: string };
}

/** An App whose secrets are looked at from inside of its machines. */
export class SecretApp {
  readonly name: string;
  readonly #namespace: Namespace;

  constructor(namespace: Namespace, name: string) {
    this.#namespace = namespace;
    this.name = name;
  }

  /** A variable in the environment of every machine that there is; undefined where it is not set. */
  async variable(key: string): Promise<(string | undefined)[]> {
    const command = ['sh', '-c', `echo "\${${key}-${unset}}"`];
    const pods = await this.pods();
    const values = await Promise.all(pods.map((pod) => this.#namespace.kubectl(['exec', pod, '--', ...command])));
    return values.map((value) => (value.trimEnd() === unset ? undefined : value.trimEnd()));
  }

  /** Names of its own machines, without those that are on their way out. */
  async pods(): Promise<string[]> {
    const selector = `airfield.dev/app=${this.name},!airfield.dev/machine`;
    const pods = await this.#namespace.list<Pod>('pods', selector);
    return pods.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.name);
  }

  async status(): Promise<AppStatus> {
    return (await this.#namespace.get<{ status?: AppStatus }>('app', this.name)).status ?? { observedGeneration: -1 };
  }

  /** Its machines have this time to become healthy. */
  waitsFor(waitTimeout: string): Promise<string> {
    const patch = JSON.stringify({ spec: { deploy: { waitTimeout } } });
    return this.#namespace.kubectl(['patch', 'app', this.name, '--type=merge', '-p', patch]);
  }

  /** Waits until a release is in a phase. Fails at once where there is a later one. */
  async reaches(version: number, phase: string): Promise<AppStatus> {
    const status = await until(`release ${version} of ${this.name} to be ${phase}`, async () => {
      const now = await this.status();
      const isThere =
        (now.release?.version ?? 0) > version || (now.release?.version === version && now.release.phase === phase);
      return isThere ? now : undefined;
    });
    if (status?.release?.version !== version) throw new Error(`there is release ${status?.release?.version} already`);
    return status;
  }

  /** How many core Secrets with values of its releases there are. */
  async copies(): Promise<number> {
    const selector = `airfield.dev/app=${this.name},airfield.dev/secrets`;
    return (await this.#namespace.namesWith(selector, 'secrets.v1.')).length;
  }
}

/** The condition of a Secret, where it has it. */
export async function conditionOf(namespace: Namespace, name: string, type = 'Ready') {
  const { status } = await namespace.get<{ status?: SecretStatus }>('afsec', name);
  return status?.conditions?.find((one) => one.type === type);
}
