import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { inject } from 'vitest';
import type { AppSpecInput } from '../../../src/api/app.ts';
import { apiVersion, label } from '../../../src/api/meta.ts';
import { readApp } from '../../../src/api/read-app.ts';
import { hashOf, type Journal, releaseSpecOf } from '../../../src/api/release.ts';
import { apps } from '../../../src/controller/resources.ts';
import { revision } from '../../../src/desired/revision.ts';
import { type Addressed, type Client, connect } from '../../../src/kube/client.ts';
import { controllerRevisions, namespaces, pods } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { serveOwnKinds } from '../own-kinds.ts';

const cli = join(import.meta.dirname, '..', '..', '..', 'src', 'cli.ts');

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PodOf {
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly ready?: boolean;
  readonly restarts?: number;
  readonly waiting?: { reason: string; message?: string };
  readonly phase?: string;
}

/** Apps in a namespace of a real API server, with what operator and kubelet would write, written by hand. */
export class HandMade {
  readonly client: Client;
  readonly namespace: string;
  readonly kubeconfig: string;

  private constructor(client: Client, namespace: string, kubeconfig: string) {
    this.client = client;
    this.namespace = namespace;
    this.kubeconfig = kubeconfig;
  }

  static async create(kubeconfig = inject('kubeconfig')): Promise<HandMade> {
    const client = await connect({ kubeConfigPath: kubeconfig });
    const name = `cli-${randomBytes(4).toString('hex')}`;
    await serveOwnKinds(client);
    await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    return new HandMade(client, name, kubeconfig);
  }

  /** The command line in this namespace; ages are `AGE`, so that outputs can be compared. */
  airfield(...args: string[]): Promise<Result> {
    return new Promise((resolve) => {
      const env = { ...process.env, KUBECONFIG: this.kubeconfig, FLY_APP: undefined };
      const all = [cli, ...args, ...(args.includes('-A') ? [] : ['-n', this.namespace])];
      execFile(process.execPath, all, { env, cwd: import.meta.dirname }, (error, stdout, stderr) => {
        const of = (text: string) => comparable(text, this.namespace);
        resolve({ code: error ? Number(error.code) : 0, stdout: of(stdout), stderr: of(stderr) });
      });
    });
  }

  async app(name: string, spec: Partial<AppSpecInput> = {}, metadata: object = {}): Promise<KubeObject> {
    const object = { apiVersion, kind: 'App', metadata: { name, namespace: this.namespace, ...metadata } };
    return this.client.create(apps, { ...object, spec: { image: 'example.com/hello:1', ...spec } } as KubeObject);
  }

  /** As the operator would after it has looked at the newest spec. */
  async status(name: string, status: object): Promise<void> {
    const ref = { namespace: this.namespace, name };
    const { metadata } = await this.client.get<KubeObject>(apps, ref);
    const told = { observedGeneration: metadata.generation, ...status };
    await this.client.mergePatch(apps, ref, { status: told }, { subresource: 'status' });
  }

  async release(app: KubeObject, version: number, spec: Partial<AppSpecInput>, journal: Partial<Journal> = {}) {
    const read = readApp({ ...app, spec: { image: 'example.com/hello:1', ...spec } }).app;
    const releaseSpec = releaseSpecOf(read);
    const since = '2026-01-01T00:00:00Z';
    const { deploy, services, mounts } = read.spec;
    const release = { version, hash: hashOf(releaseSpec), startedAt: since, spec: releaseSpec, deploy, scale: [] };
    const done: Journal = { phase: 'complete', since, slot: 'blue', ...journal };
    await this.client.create(controllerRevisions, revision(read, { ...release, services, mounts, journal: done }));
  }

  async pod(app: string, name: string, { labels, annotations, ...seen }: PodOf = {}): Promise<void> {
    const process = labels?.[label.process] ?? 'app';
    const own = { [label.app]: app, [label.process]: process, [label.release]: '1', ...labels };
    const metadata = { name, namespace: this.namespace, labels: own, ...(annotations && { annotations }) };
    const probed = { name: process, image: 'example.com/hello:1', readinessProbe: { tcpSocket: { port: 80 } } };
    await this.client.create(pods, { metadata, spec: { containers: [probed], nodeName: 'node-1' } } as Addressed);
    const { ready = true, restarts = 0, waiting, phase = 'Running' } = seen;
    const state = waiting ? { waiting } : { running: { startedAt: '2026-01-01T00:00:00Z' } };
    const container = { name: process, image: '', imageID: '', ready, restartCount: restarts, state };
    const condition = { type: 'Ready', status: ready ? 'True' : 'False' };
    const status = { phase, conditions: [condition], containerStatuses: [container] };
    await this.client.mergePatch(pods, { namespace: this.namespace, name }, { status }, { subresource: 'status' });
  }

  close(): void {
    this.client.close();
  }
}

/** Without colours, ages, and the room that an age takes in a table. */
function comparable(text: string, namespace: string): string {
  const ages = /\b(\d+m\d+s|\d+m|\d+s)\b/g;
  const named = stripVTControlCharacters(text).replaceAll(namespace, 'acme').replaceAll(ages, 'AGE');
  return named.replaceAll(/\bAGE {2,}/g, 'AGE  ');
}

export const ready = (reason: string, message: string, status = 'True') => ({
  type: 'Ready',
  status,
  reason,
  message,
  lastTransitionTime: new Date().toISOString(),
});
