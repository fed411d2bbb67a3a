import { randomBytes } from 'node:crypto';
import { inject, onTestFinished } from 'vitest';
import type { AppSpecInput } from '../../../src/api/app.ts';
import type { ObservedPod } from '../../../src/api/kubernetes.ts';
import { gateLabels, label, manager, scaledAnnotation } from '../../../src/api/meta.ts';
import type { Autoscaler } from '../../../src/controller/autoscaler.ts';
import { createAutoscaler } from '../../../src/controller/autoscaling.ts';
import { createCaches } from '../../../src/controller/caches.ts';
import type { Planned } from '../../../src/controller/scaled-groups.ts';
import { workloadsOf } from '../../../src/desired/workloads.ts';
import { type Client, connect } from '../../../src/kube/client.ts';
import type { Clock } from '../../../src/kube/clock.ts';
import { errorOfStatus } from '../../../src/kube/errors.ts';
import type { Occurrence } from '../../../src/kube/events.ts';
import { silent } from '../../../src/kube/log.ts';
import { deployments, namespaces, pods, statefulSets } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { createMetrics } from '../../../src/metrics.ts';
import { isSuspended } from '../../../src/scaling/due.ts';
import { freePorts } from '../../cluster/free-ports.ts';
import { anApp, aRelease } from '../../desired/app-fixture.ts';
import { FakeGate, token } from '../../gate-client/fake-gate.ts';
import { until } from '../../kube/time.ts';

const service = { internalPort: 8080, protocol: 'tcp', ports: [{ port: 80, handlers: ['http'] }] };

/** What machines have. */
export const cpu = { requests: { cpu: '500m' }, limits: { cpu: '1' } };

/** Stands still between looks, an hour from now: what is made in a test has been there for long. */
class LookClock implements Clock {
  #ms = 3_600_000;
  readonly #began = Date.now();
  #next: (() => void) | undefined;

  now = () => this.#began + this.#ms;
  monotonic = () => this.#ms;
  after = (_: number, task: () => void) => {
    this.#next = task;
    return () => {
      this.#next = undefined;
    };
  };

  get waits(): boolean {
    return this.#next !== undefined;
  }

  /** The next look comes after so many seconds; resolves when the one after it is planned. */
  async look(seconds = 1): Promise<void> {
    await until('a look is planned', () => this.waits);
    this.#ms += seconds * 1000;
    const task = this.#next;
    this.#next = undefined;
    task?.();
    await until('the look has ended', () => this.waits);
  }

  /** The same, where none is planned after it. */
  run(): void {
    this.#next?.();
    this.#next = undefined;
  }
}

export interface ScaledAppOptions {
  readonly kind?: 'Deployment' | 'StatefulSet';
  readonly count?: number;
  readonly min?: number;
  readonly autoStop?: 'stop' | 'suspend';
  readonly withToken?: boolean;
  /** Default: it may write. */
  readonly mayWrite?: boolean;
  /** Default: pods may be resized. */
  readonly mayResize?: boolean;
}

/** An App `web` on a real API server, whose pods are made by hand, with gates on loopback and an autoscaler. */
export class ScaledApp {
  readonly namespace = `scaled-${randomBytes(4).toString('hex')}`;
  readonly clock = new LookClock();
  readonly events: string[] = [];
  readonly lines: string[] = [];
  /** `PATCH` and `GET` requests of the autoscaler since they were last taken. */
  #requests: string[] = [];
  readonly metrics = createMetrics();
  readonly client: Client;
  readonly autoscaler: Autoscaler;
  readonly caches: ReturnType<typeof createCaches>;
  readonly port: number;
  readonly #kind: 'Deployment' | 'StatefulSet';
  readonly #plan: Planned;

  private constructor(client: Client, own: Client, port: number, options: ScaledAppOptions) {
    const {
      kind = 'Deployment',
      count = 3,
      min = 0,
      autoStop = 'stop',
      withToken = true,
      mayWrite = true,
      mayResize = true,
    } = options;
    this.client = client;
    this.port = port;
    this.#kind = kind;
    const services = [{ ...service, autoStop, minMachinesRunning: min, concurrency: { type: 'requests' } }];
    const mounts = kind === 'StatefulSet' ? [{ name: 'data', destination: '/data' }] : [];
    const app = anApp({ services, mounts, processes: [{ name: 'app', count }] } as Partial<AppSpecInput>, 'web');
    const current = aRelease(app);
    const workloads = workloadsOf(app, { release: current, slot: 'blue', role: 'machines' });
    this.#plan = { current, services: app.spec.services, workloads };
    const { namespace, metrics } = this;
    this.caches = createCaches({
      client,
      namespace,
      log: silent,
      gates: { namespace, ports: { first: 20_000, last: 29_999 }, policies: false, certificates: namespace },
    });
    const log = { ...silent, warn: (_: object, line: string) => void this.lines.push(line) };
    const record = (_: KubeObject, { reason, message }: Occurrence) => void this.events.push(`${reason}: ${message}`);
    const config = { gatesToken: withToken ? token : undefined, stopAfterSeconds: 30 };
    const common = { config, metrics, log, clock: this.clock, events: { record }, gatePort: port };
    const refuse = () => Promise.reject(new Error('Forbidden: not allowed'));
    const forbid = () => Promise.reject(errorOfStatus({ message: 'not allowed' }, 403));
    const refusing = { apply: refuse, mergePatch: refuse };
    const writing = mayResize ? own : { mergePatch: own.mergePatch.bind(own), apply: forbid };
    this.autoscaler = createAutoscaler({ ...common, client: mayWrite ? writing : refusing, caches: this.caches });
  }

  static async create(options: ScaledAppOptions = {}): Promise<ScaledApp> {
    const kubeConfigPath = inject('kubeconfig');
    const [client, [port = 0]] = await Promise.all([connect({ kubeConfigPath }), freePorts(1)]);
    let app: ScaledApp | undefined;
    const own = await connect({
      kubeConfigPath,
      onRequest: ({ method, status }) => void app?.noteRequest(`${method} ${status}`),
    });
    app = new ScaledApp(client, own, port, options);
    await app.#begin();
    return app;
  }

  /** `app` as it is called by the autoscaler. */
  get key(): string {
    return `${this.namespace}/web`;
  }

  noteRequest(request: string): void {
    this.#requests.push(request);
  }

  takeRequests(): string[] {
    const taken = this.#requests;
    this.#requests = [];
    return taken;
  }

  keep(phase: 'complete' | 'rollout' = 'complete'): void {
    const { current } = this.#plan;
    this.autoscaler.keep(this.key, { ...this.#plan, current: { ...current, journal: { ...current.journal, phase } } });
  }

  /** A gate at 127.0.0.<number>. */
  async gate(number: number): Promise<FakeGate> {
    const host = `127.0.0.${number}`;
    const { namespace } = this;
    const route = { route: 'r', namespace, app: 'web', port: 80, held: 0, queued: 0, machines: [] };
    const gate = await FakeGate.start(host, this.port, route);
    await this.#pod(`gate-${number}`, host, gateLabels);
    await this.seen(() => this.caches.gates?.store.get(`${namespace}/gate-${number}`)?.status?.podIP === host);
    return gate;
  }

  /** So many machines are asked for, and there. */
  async machines(number: number): Promise<void> {
    const names = Array.from({ length: number }, (_, index) => `web-app-${index}`);
    const labels = { ...this.#labels, [label.process]: 'app' };
    await Promise.all(names.map((name, index) => this.#pod(name, `10.0.0.${index + 1}`, labels)));
    await this.scale(number);
    const isUp = (name: string) =>
      this.caches.pods.store.get(`${this.namespace}/${name}`)?.status?.containerStatuses !== undefined;
    await this.seen(() => names.every(isUp));
  }

  /** One that nobody but Kubernetes has asked for. */
  async machine(name: string): Promise<void> {
    await this.#pod(name, '10.0.0.9', { ...this.#labels, [label.process]: 'app' });
    await this.seen(() => this.caches.pods.store.get(`${this.namespace}/${name}`)?.status?.podIP !== undefined);
  }

  seenReplicas(replicas: number): Promise<void> {
    return this.seen(() => this.#cached?.spec?.replicas === replicas);
  }

  forget(): void {
    this.autoscaler.keep(this.key, undefined);
  }

  /** Somebody else changes how many run. */
  async scale(replicas: number, fieldManager = 'test'): Promise<void> {
    const patch = { spec: { replicas } };
    await this.client.mergePatch(this.#resource, this.#ref('web-app'), patch, { subresource: 'scale', fieldManager });
    await this.seenReplicas(replicas);
  }

  /** As the API server has it; the autoscaler, which decides by what its caches have, has heard of it by then. */
  async replicas(): Promise<number | undefined> {
    const replicas = (await this.client.get<Workload>(this.#resource, this.#ref('web-app'))).spec?.replicas;
    await this.seen(() => this.#cached?.spec?.replicas === replicas);
    return replicas;
  }

  /** Anything but the scale is changed, and this autoscaler has not heard of it. */
  async touch(): Promise<void> {
    const patch = { metadata: { annotations: { touched: randomBytes(4).toString('hex') } } };
    await this.client.mergePatch(this.#resource, this.#ref('web-app'), patch);
  }

  async cost(pod: string): Promise<string | undefined> {
    const { metadata } = await this.client.get<KubeObject>(pods, this.#ref(pod));
    return metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'];
  }

  /** Its requests and limits, as the API server has them, and whether it says that it is suspended. */
  async resources(
    name: string,
  ): Promise<[requests: string | undefined, limits: string | undefined, isSuspended: boolean]> {
    const { spec, metadata } = await this.client.get<ObservedPod>(pods, this.#ref(name));
    const { requests, limits } = spec?.containers[0]?.resources ?? {};
    return [requests?.cpu, limits?.cpu, isSuspended({ metadata })];
  }

  /** What the operator sees of it. */
  seenSuspended(name: string, expected: boolean): Promise<void> {
    return this.seen(() => {
      const pod = this.caches.pods.store.get(`${this.namespace}/${name}`);
      return pod !== undefined && isSuspended(pod) === expected;
    });
  }

  /** What whoever resumes it does. */
  patchPod(name: string, patch: object, subresource?: string): Promise<unknown> {
    return this.client.mergePatch(pods, this.#ref(name), patch, { ...(subresource && { subresource }) });
  }

  tend(autoStop: 'stop' | 'suspend' = 'suspend'): Promise<void> {
    const workloads = this.#plan.workloads.map(({ scale, ...rest }) => ({
      ...rest,
      ...(scale && { scale: { ...scale, mode: autoStop } }),
    }));
    return this.autoscaler.tend(this.key, { workloads });
  }

  async deletePod(name: string): Promise<void> {
    await this.client.delete(pods, this.#ref(name));
    const store = name.startsWith('gate') ? this.caches.gates?.store : this.caches.pods.store;
    await this.seen(() => store?.get(`${this.namespace}/${name}`) === undefined);
  }

  /** So many seconds pass, with a look every few of them. */
  async pass(seconds: number, every = 5): Promise<void> {
    for (let passed = 0; passed < seconds; passed += every) await this.clock.look(every);
  }

  seen(condition: () => boolean): Promise<void> {
    return until('the caches have it', condition);
  }

  async #begin(): Promise<void> {
    const { namespace, caches, client } = this;
    await client.create(namespaces, { metadata: { name: namespace } });
    const selector = { matchLabels: { [label.workload]: 'web-app' } };
    const containers = [{ name: 'app', image: 'x', resources: cpu }];
    const template = { metadata: { labels: this.#labels }, spec: { containers } };
    const metadata = { ...this.#ref('web-app'), labels: this.#labels, annotations: { [scaledAnnotation]: 'true' } };
    await client.create(this.#resource, { metadata, spec: { replicas: 0, selector, template } });
    const watched = [caches.deployments, caches.statefulSets, caches.pods, ...(caches.gates ? [caches.gates] : [])];
    for (const informer of watched) informer.start();
    await Promise.all(watched.map((informer) => informer.synced));
    caches.apps.store.set({ apiVersion: 'airfield.dev/v1alpha1', kind: 'App', metadata: this.#ref('web') });
    onTestFinished(async () => {
      await this.autoscaler.stop();
      await Promise.all(watched.map((informer) => informer.stop()));
      client.close();
    });
  }

  async #pod(name: string, podIP: string, labels: Record<string, string>): Promise<void> {
    const spec = { containers: [{ name: 'app', image: 'x', resources: cpu }] };
    await this.client.create(pods, { metadata: { ...this.#ref(name), labels }, spec });
    const state = { running: { startedAt: new Date().toISOString() } };
    const status = {
      phase: 'Running',
      podIP,
      podIPs: [{ ip: podIP }],
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [
        { name: 'app', image: 'x', imageID: 'x', ready: true, restartCount: 0, state, resources: cpu },
      ],
    };
    await this.client.mergePatch(pods, this.#ref(name), { status }, { subresource: 'status' });
  }

  get #cached() {
    const { store } = this.#kind === 'StatefulSet' ? this.caches.statefulSets : this.caches.deployments;
    return store.get(`${this.namespace}/web-app`) as Workload | undefined;
  }

  readonly #labels = { [label.managedBy]: manager, [label.app]: 'web', [label.workload]: 'web-app' };

  get #resource() {
    return this.#kind === 'StatefulSet' ? statefulSets : deployments;
  }

  #ref(name: string) {
    return { name, namespace: this.namespace };
  }
}

interface Workload extends KubeObject {
  readonly spec?: { readonly replicas?: number };
}
