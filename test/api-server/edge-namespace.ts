import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { AppStatus } from '../../src/api/app-status.ts';
import type { ObservedCoreSecret } from '../../src/api/kubernetes.ts';
import { apiVersion } from '../../src/api/meta.ts';
import { apps } from '../../src/controller/resources.ts';
import { type Client, connect } from '../../src/kube/client.ts';
import { namespaces, secrets } from '../../src/kube/resources.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { until } from '../cluster/exec.ts';
import { OperatorProcess } from '../e2e/operator.ts';
import type { Signed } from '../gate/certificates.ts';
import { serveOwnKinds } from './own-kinds.ts';

export type CoreSecret = ObservedCoreSecret & KubeObject;
type StoredApp = KubeObject & { status?: AppStatus };

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A namespace with Apps at an edge, on a real API server; beside it those of gates and of certificates, and an operator of its own. */
export class EdgeNamespace {
  readonly client: Client;
  readonly name: string;
  readonly gates: string;
  /** Where gates read certificates. */
  readonly certificates: string;
  readonly #env: Record<string, string>;
  #operators: OperatorProcess[] = [];

  private constructor(client: Client, env: Record<string, string>) {
    this.client = client;
    this.name = `edge-${randomBytes(4).toString('hex')}`;
    this.gates = `${this.name}-gates`;
    this.certificates = `${this.name}-certificates`;
    this.#env = {
      AIRFIELD_NAMESPACE: this.name,
      AIRFIELD_LEASE_NAMESPACE: this.name,
      AIRFIELD_GATES_NAMESPACE: this.gates,
      AIRFIELD_GATES_CERTIFICATES_NAMESPACE: this.certificates,
      ...env,
    };
  }

  /** `env`: what else the operator is told. */
  static async create(env: Record<string, string>): Promise<EdgeNamespace> {
    const client = await connect({ kubeConfigPath: inject('kubeconfig') });
    await serveOwnKinds(client);
    const self = new EdgeNamespace(client, env);
    for (const name of [self.name, self.gates, self.certificates]) {
      await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
    await self.start();
    return self;
  }

  /** `env`: what is told besides. */
  async start(env: Record<string, string> = {}): Promise<void> {
    this.#operators.push(await OperatorProcess.start({ env: { ...this.#env, ...env } }));
  }

  async stop(): Promise<void> {
    await this.#operators.at(-1)?.stop();
  }

  /** All that operators have said. */
  get lines(): string[] {
    return this.#operators.flatMap(({ lines }) => lines);
  }

  /** Where the operator answers. */
  get url(): string {
    return this.#operators.at(-1)?.url ?? '';
  }

  ref(name: string) {
    return { namespace: this.name, name };
  }

  /** An App that serves http and https, with these domains. */
  app(name: string, domains: AppSpecInput['domains'], spec: Partial<AppSpecInput> = {}): Promise<KubeObject> {
    const ports: object[] = [
      { port: 80, handlers: ['http'] },
      { port: 443, handlers: ['tls', 'http'] },
    ];
    const services = [{ internalPort: 8080, ports }];
    const object = {
      apiVersion,
      kind: 'App',
      metadata: this.ref(name),
      spec: { image: 'x:1', services, domains, ...spec },
    };
    return this.client.apply<KubeObject>(apps, object, { fieldManager: 'test', force: true });
  }

  delete(name: string): Promise<unknown> {
    return this.client.delete(apps, this.ref(name));
  }

  /** A Secret as cert-manager would write it. */
  secret(name: string, { key, cert }: Signed, type = 'kubernetes.io/tls'): Promise<KubeObject> {
    const data = { 'tls.crt': base64(cert), 'tls.key': base64(key), 'ca.crt': base64('an authority') };
    const object = { apiVersion: 'v1', kind: 'Secret', metadata: this.ref(name), type, data };
    return this.client.apply<KubeObject>(secrets, object, { fieldManager: 'cert-manager', force: true });
  }

  /** The copies for gates of an App's certificates. */
  async copies(app: string, namespace = this.certificates): Promise<CoreSecret[]> {
    const labelSelector = 'airfield.dev/certificate';
    const { items } = await this.client.list<CoreSecret>(secrets, { namespace, labelSelector });
    const of = `${this.name}/${app}/`;
    return items.filter(({ metadata }) => metadata.annotations?.['airfield.dev/copied-from']?.startsWith(of));
  }

  /** Waits until the only copy of an App's certificates is this one, for these hosts. */
  async served(app: string, { cert }: Signed, hosts: readonly string[]): Promise<CoreSecret> {
    const found = await until(`the certificate of ${app}`, async () => {
      const [copy, ...more] = await this.copies(app);
      const isIt =
        copy?.data?.['tls.crt'] === base64(cert) &&
        copy.metadata.annotations?.['airfield.dev/hosts'] === JSON.stringify(hosts);
      return isIt && more.length === 0 ? copy : undefined;
    });
    return found as CoreSecret;
  }

  get(name: string): Promise<StoredApp> {
    return this.client.get<StoredApp>(apps, this.ref(name));
  }

  /** Waits until the App says this of its domains: reason and message; without `what` until it says nothing. */
  says(app: string, what?: RegExp): Promise<unknown> {
    return until(`${app} to say ${what ?? 'nothing'} of its domains`, async () => {
      const { status } = await this.get(app);
      if (!status?.urls) return false;
      const found = status.conditions?.find(({ type }) => type === 'DomainsImpaired');
      return what ? found && what.test(`${found.reason}: ${found.message}`) : !found;
    });
  }
}
