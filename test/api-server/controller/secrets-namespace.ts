import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { CoreSecret, ObservedCoreSecret, ObservedRevision } from '../../../src/api/kubernetes.ts';
import { apiVersion } from '../../../src/api/meta.ts';
import { readRelease } from '../../../src/api/read-release.ts';
import type { Release } from '../../../src/api/release.ts';
import type { SecretSpecInput, SecretStatus } from '../../../src/api/secret.ts';
import { apps as appKind, secrets as secretKind } from '../../../src/controller/resources.ts';
import type { DataObject } from '../../../src/controller/sealing-keys.ts';
import { type Client, connect } from '../../../src/kube/client.ts';
import { isNotFound } from '../../../src/kube/errors.ts';
import { controllerRevisions, namespaces, secrets } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { seal } from '../../../src/sealing/box.ts';
import type { KeyRing } from '../../../src/sealing/key-ring.ts';
import { keyRingOfData } from '../../../src/sealing/key-ring-data.ts';
import { until } from '../../cluster/exec.ts';
import { OperatorProcess } from '../../e2e/operator.ts';
import { serveOwnKinds } from '../own-kinds.ts';

export type Data = SecretSpecInput['data'];
type Core = ObservedCoreSecret & KubeObject;
export type Copy = CoreSecret & KubeObject;
type Texts = Record<string, string>;

export const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');
const texts = (data: Texts = {}): Texts =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));

/** A namespace with Secrets and Apps on a real API server, and an operator of its own, without any machine. */
export class SecretsNamespace {
  readonly client: Client;
  readonly name = `secrets-${randomBytes(4).toString('hex')}`;
  #operator: OperatorProcess | undefined;

  private constructor(client: Client) {
    this.client = client;
  }

  static async create(): Promise<SecretsNamespace> {
    const client = await connect({ kubeConfigPath: inject('kubeconfig') });
    await serveOwnKinds(client);
    const self = new SecretsNamespace(client);
    await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: self.name } });
    await self.start();
    await until('the sealing keys', () => self.ring());
    return self;
  }

  async start(): Promise<void> {
    const env = { AIRFIELD_NAMESPACE: this.name, AIRFIELD_LEASE_NAMESPACE: this.name };
    this.#operator = await OperatorProcess.start({ kubeconfig: inject('kubeconfig'), env });
  }

  async stop(): Promise<void> {
    await this.#operator?.stop();
  }

  ref(name: string) {
    return { namespace: this.name, name };
  }

  apply(name: string, data: Data, more: Partial<SecretSpecInput> = {}): Promise<KubeObject> {
    const object = { apiVersion, kind: 'Secret', metadata: this.ref(name), spec: { data, ...more } };
    return this.client.apply<KubeObject>(secretKind, object, { fieldManager: 'test', force: true });
  }

  app(name: string, spec: object = {}): Promise<KubeObject> {
    const object = { apiVersion, kind: 'App', metadata: this.ref(name), spec: { image: 'x:1', ...spec } };
    return this.client.apply<KubeObject>(appKind, object, { fieldManager: 'test', force: true });
  }

  /** A core Secret of somebody else, as external-secrets would write it. */
  foreign(name: string, values: Record<string, string | Uint8Array>): Promise<unknown> {
    const data = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, base64(value)]));
    const object = { apiVersion: 'v1', kind: 'Secret', metadata: this.ref(name), data };
    return this.client.apply(secrets, object, { fieldManager: 'external', force: true });
  }

  core(name: string): Promise<Core> {
    return this.client.get<Core>(secrets, this.ref(name));
  }

  isAbsent(name: string): Promise<boolean> {
    return this.core(name).then(() => false, isNotFound);
  }

  /** The values of a core Secret. */
  async values(name: string): Promise<Texts> {
    return texts((await this.core(name)).data);
  }

  async status(name: string, kind = secretKind): Promise<SecretStatus | undefined> {
    return (await this.client.get<{ status?: SecretStatus }>(kind, this.ref(name))).status;
  }

  async condition(name: string, type = 'Ready', kind = secretKind) {
    return (await this.status(name, kind))?.conditions?.find((one) => one.type === type);
  }

  /** Waits until the status speaks of this generation, and gives back `Ready` in one line. */
  async told({ metadata }: KubeObject): Promise<string> {
    const ready = await until(`what becomes of ${metadata.name}`, async () => {
      const status = await this.status(metadata.name);
      const isNew = status?.observedGeneration === metadata.generation;
      return isNew ? status?.conditions?.find(({ type }) => type === 'Ready') : undefined;
    });
    return `${ready?.status} ${ready?.reason}: ${ready?.message}`;
  }

  /** Waits until a core Secret has exactly these values. */
  becomes(name: string, wanted: Texts): Promise<unknown> {
    return until(`${name} to have ${Object.keys(wanted)}`, async () => {
      const found = await this.values(name).catch(() => ({}));
      return JSON.stringify(found) === JSON.stringify(wanted);
    });
  }

  async ring(): Promise<KeyRing> {
    return keyRingOfData((await this.client.get<DataObject>(secrets, this.ref('airfield-sealing-keys'))).data);
  }

  async box(name: string, key: string, value: string, namespace = this.name): Promise<string> {
    return seal(value, { namespace, name, key }, (await this.ring()).keys[0]!.publicKey);
  }

  /** The core Secrets that releases of an App have their values from. */
  async copies(name: string): Promise<Copy[]> {
    const labelSelector = `airfield.dev/app=${name},airfield.dev/secrets`;
    return (await this.client.list<Copy>(secrets, { namespace: this.name, labelSelector })).items;
  }

  async valuesOfCopies(name: string): Promise<Texts[]> {
    return (await this.copies(name)).map(({ data }) => texts(data));
  }

  /** By version. */
  async releases(name: string): Promise<Release[]> {
    const { items } = await this.client.list<ObservedRevision>(controllerRevisions, { namespace: this.name });
    const own = items.filter(({ metadata }) => metadata.labels?.['airfield.dev/app'] === name);
    const read = own.map(readRelease).filter((release) => release !== undefined);
    return read.sort((a, b) => a.version - b.version);
  }

  released(name: string, version: number): Promise<unknown> {
    return until(`release ${version} of ${name}`, async () => (await this.releases(name)).at(-1)?.version === version);
  }
}
