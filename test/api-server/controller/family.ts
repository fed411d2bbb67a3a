import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { AppSpecInput } from '../../../src/api/app.ts';
import { Children, type ChildrenOptions, type WriteKind } from '../../../src/controller/apply.ts';
import { resourceOf } from '../../../src/controller/resources.ts';
import { type Client, connect } from '../../../src/kube/client.ts';
import { isNotFound } from '../../../src/kube/errors.ts';
import { configMaps, namespaces } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { anApp, childrenOf } from '../../desired/app-fixture.ts';

type Reach = ChildrenOptions['client'];

/** Loose on purpose: edits by hand reach anywhere into an object. */
export type Loose = KubeObject & { spec: { template: { spec: { containers: Container[] } } } };
export type Container = { name: string; image: string; env: { name: string; value?: string }[]; ports: object[] };

/** Something of everything that the API server may spell in another way than we do. */
export const everything: Partial<AppSpecInput> = {
  env: { EMPTY: '', GREETING: 'hello', PRICE: '$(5)' },
  processes: [
    { name: 'app', count: 2, vm: { size: 'shared-cpu-1x', memory: '1024Mi' } },
    { name: 'worker', count: 0, command: ['node', 'worker.js'] },
  ],
  services: [
    {
      internalPort: 8080,
      protocol: 'tcp',
      ports: [{ port: 80, handlers: ['http'] }, { port: 8443 }],
      processes: ['app'],
      autoStop: 'off',
      checks: [{ type: 'http', path: '/health', headers: { Host: 'x', 'X-Empty': '' } }, { type: 'http' }],
    },
    { internalPort: 53, protocol: 'udp', ports: [{ port: 53, handlers: [] }], processes: ['app'], autoStop: 'off' },
    { internalPort: 53, protocol: 'tcp', ports: [{ port: 53, handlers: [] }], processes: ['app'], autoStop: 'off' },
  ],
  network: { allowFrom: [{ cidr: '10.0.0.0/8' }, { app: 'other', ports: [{ port: 8080 }] }], egress: [] },
};

/** An owner on a real API server, its children, and what was written to make them what they should be. */
export class Family {
  readonly client: Client;
  readonly namespace: string;
  owner!: KubeObject;
  children!: Children;
  /** Since they were last taken: `apply Deployment`. */
  #writes: string[] = [];

  private constructor(client: Client, namespace: string) {
    this.client = client;
    this.namespace = namespace;
  }

  static async create(): Promise<Family> {
    const client = await connect({ kubeConfigPath: inject('kubeconfig') });
    const name = `children-${randomBytes(4).toString('hex')}`;
    await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    return new Family(client, name);
  }

  /** Begins anew, with an owner that has no children. */
  async found(name = `app-${randomBytes(3).toString('hex')}`): Promise<void> {
    const metadata = { name, namespace: this.namespace };
    this.owner = await this.client.create<KubeObject>(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
    this.children = this.restarted();
    this.#writes = [];
  }

  /** The writer of children of a process that has just been started: it remembers nothing. */
  restarted(more: Partial<Reach> = {}): Children {
    const { client } = this;
    const onWrite = (kind: string, operation: WriteKind) => void this.#writes.push(`${operation} ${kind}`);
    const reach: Reach = {
      get: (...call) => client.get(...call),
      apply: (...call) => client.apply(...call),
      replace: (...call) => client.replace(...call),
      delete: (...call) => client.delete(...call),
      ...more,
    };
    return new Children({ client: reach, onWrite });
  }

  takeWrites(): string[] {
    return this.#writes.splice(0);
  }

  all(more: Partial<AppSpecInput> = {}): KubeObject[] {
    const app = anApp({ ...everything, ...more }, this.owner.metadata.name);
    const metadata = { ...app.metadata, namespace: this.namespace };
    return childrenOf({ ...app, metadata }) as KubeObject[];
  }

  /** All but the release: what that is made of never changes, and another App is another release. */
  desired(more: Partial<AppSpecInput> = {}): KubeObject[] {
    return this.all(more).filter(({ kind }) => kind !== 'ControllerRevision');
  }

  one(kind: string): KubeObject {
    return this.desired().find((object) => object.kind === kind)!;
  }

  read<T extends KubeObject = Loose>({ kind, apiVersion, metadata }: KubeObject): Promise<T> {
    return this.client.get<T>(resourceOf({ kind, apiVersion }), metadata);
  }

  /** Those of these that there are. */
  async readAll(objects: readonly KubeObject[]): Promise<KubeObject[]> {
    const absent = (error: unknown) => {
      if (!isNotFound(error)) throw error;
      return undefined;
    };
    const found = await Promise.all(objects.map((object) => this.read<KubeObject>(object).catch(absent)));
    return found.filter((object) => object !== undefined);
  }

  /** Makes all children from nothing. */
  async raise(): Promise<void> {
    await this.children.apply(this.owner, this.desired(), []);
    this.takeWrites();
  }

  /** One reconcile with a cache that has seen everything; gives back what it wrote. */
  async settle(objects = this.desired()): Promise<string[]> {
    const current = await this.readAll(objects);
    this.takeWrites();
    await this.children.apply(this.owner, objects, current);
    return this.takeWrites();
  }
}

export const containers = (object: Loose) => object.spec.template.spec.containers;
export const container = (object: Loose) => containers(object)[0]!;
export const service = (object: KubeObject) => object as KubeObject & { spec: { ports: object[] } };
export const policy = (object: KubeObject) => object as KubeObject & { spec: { ingress: object[] } };
