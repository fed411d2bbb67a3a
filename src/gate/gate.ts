import { setTimeout as sleep } from 'node:timers/promises';
import type { Drained, ToldRoute } from '../api/gate.ts';
import type { Client } from '../kube/client.ts';
import type { Log } from '../kube/log.ts';
import { type RunningServer, startServer } from '../server.ts';
import { resumePod } from '../suspend/pods.ts';
import type { GateConfig } from './config-env.ts';
import { DataPlane } from './data-plane.ts';
import { Drains } from './drains.ts';
import { answerEndpoints, endpointPaths } from './endpoints.ts';
import { Feed } from './feed.ts';
import { MachineStarter } from './machine-starter.ts';
import type { GateMetrics } from './metrics.ts';
import type { GatePod } from './pod-machines.ts';
import { Problems } from './problems.ts';
import { Resumes } from './resumes.ts';
import type { GateNow } from './route-metrics.ts';
import { type Outcome, scaleUp } from './scale-up.ts';
import { drained, toldLoad } from './told-load.ts';
import { createWatches } from './watches.ts';

export interface GateOptions {
  readonly config: GateConfig;
  readonly client: Client;
  readonly metrics: GateMetrics;
  readonly log: Log;
}

/** How long it takes at most until HAProxy has been told of a drain, in milliseconds, and how often that is looked at. */
const longestTellMs = 2000;
const everyMs = 5;

/** A whole gate: what it watches, its HAProxy, and what it answers. */
export class Gate {
  readonly #options: GateOptions;
  readonly #watches: ReturnType<typeof createWatches>;
  readonly #problems: Problems;
  readonly #plane: DataPlane;
  readonly #drains: Drains;
  readonly #starter: MachineStarter;
  readonly #resumes: Resumes;
  readonly #feed: Feed;
  #server: RunningServer | undefined;
  readonly #ended = new AbortController();
  #isSynced = false;
  #isStopping = false;

  constructor(options: GateOptions) {
    this.#options = options;
    const { config, client, log, metrics } = options;
    const { namespace, certificatesNamespace } = config;
    this.#watches = createWatches({ client, namespace, certificatesNamespace, log });
    this.#problems = new Problems((problem) => this.#tell(problem));
    this.#plane = new DataPlane(config.settings, {
      onWake: (name) => this.#wake(name),
      onColdStart: (coldStart) => metrics.coldStarted(coldStart),
      onHeld: (route) => metrics.held(route),
      onProblem: (problem) => this.#tell(problem),
      onLine: (line) => log.info({ line }, 'HAProxy says'),
    });
    this.#drains = new Drains({ onChange: (namespace, machine) => this.#feed.touch(namespace, machine) });
    this.#starter = new MachineStarter({
      wanted: (name) => this.#feed.wanted(name),
      scaleUp: (route, mayStay) => scaleUp(client, route, mayStay),
      onOutcome: (name, outcome) => this.#woken(name, outcome),
    });
    this.#resumes = new Resumes({
      resume: (pod, cpu) => resumePod(client, refOf(pod), cpu, this.#ended.signal),
      onBegin: ({ metadata, machineId }) => this.#feed.touch(metadata.namespace ?? '', machineId),
      onTried: (pod, error) => this.#resumed(pod, error),
    });
    this.#feed = new Feed({
      ...this.#watches,
      plane: this.#plane,
      ports: config.ports,
      drains: this.#drains,
      resumes: this.#resumes,
      problems: this.#problems,
      onBereft: (name) => this.#wake(name),
    });
  }

  /** Port of /healthz, /readyz, /metrics, /load and /drain. */
  get port(): number {
    return this.#server?.port ?? 0;
  }

  /** Resolves when it serves the routes that there are; rejects with one line where its port or HAProxy cannot be had. */
  async start(): Promise<void> {
    const { config, metrics, log } = this.#options;
    const { host, port, token } = config;
    const more = {
      paths: endpointPaths,
      answer: (app: Parameters<typeof answerEndpoints>[0]) =>
        answerEndpoints(app, { token, load: () => this.#load(), drain: (...asked) => this.#drain(...asked) }),
    };
    const notReady = () => this.#notReady();
    this.#server = await startServer({ host, port, metrics, notReady, more, variable: 'AIRFIELD_GATE_PORT' });
    const watches = Object.values(this.#watches);
    for (const informer of watches) informer.start();
    await Promise.all(watches.map(({ synced }) => synced));
    this.#isSynced = true;
    await this.#feed.start();
    log.info({ port: this.port, routes: this.#feed.routes.size }, 'serves');
  }

  /** Not ready at once; then it serves on, then it ends what is under way, each as long as the configuration says. */
  async stop(): Promise<void> {
    const { config, log } = this.#options;
    this.#isStopping = true;
    log.info({}, 'stopping');
    await sleep(config.drainSeconds * 1000);
    await this.#plane.stop(config.graceSeconds * 1000);
    await this.#end();
    log.info({}, 'stopped');
  }

  /** For a gate that could not start: nothing is left of it. A HAProxy that it has not started itself serves on. */
  async abort(): Promise<void> {
    this.#isStopping = true;
    await this.#plane.leave();
    await this.#end();
  }

  /** What changes by itself. While HAProxy cannot be asked, there is no load to tell. */
  async now(): Promise<GateNow> {
    const plane = this.#plane;
    const [load, traffic] = await Promise.all([
      plane.load().catch(() => ({ machines: [], routes: [] })),
      plane.traffic(),
    ]);
    const { loads, isRunning } = plane;
    const [routes, problems] = [this.#feed.routes.size, this.#problems.size];
    return { held: plane.held(), load, traffic, loads, isRunning, routes, problems };
  }

  async #end(): Promise<void> {
    this.#ended.abort();
    this.#starter.stop();
    this.#resumes.stop();
    this.#feed.stop();
    this.#drains.close();
    await Promise.all(Object.values(this.#watches).map((informer) => informer.stop()));
    await this.#server?.close();
  }

  #notReady(): string[] {
    if (this.#isStopping) return ['it is stopping'];
    if (!this.#isSynced) return ['the first look at the cluster is not complete'];
    // Watches that are lost later do not matter here: it serves what it knows, and no other gate knows more.
    return this.#plane.isRunning ? [] : ['HAProxy does not run'];
  }

  #tell(problem: string): void {
    this.#options.metrics.problemsTold.inc();
    this.#options.log.warn({ problem }, 'a problem');
  }

  /** A machine that is only suspended serves much sooner than one that has to be started. */
  #wake(name: string): void {
    const suspended = this.#feed.suspended(name);
    if (suspended) {
      this.#plane.coldStartGoesOn(name, 'wake');
      this.#resumes.begin(suspended);
    } else this.#starter.ask(name);
  }

  #resumed({ metadata: { namespace, name } }: GatePod, error: Error | undefined): void {
    const place = `${namespace}/${name}`;
    this.#options.metrics.wakes.inc({ outcome: error ? 'error' : 'resumed' });
    this.#problems.set(`resume ${place}`, error ? [`${place}: it serves with little CPU: ${error.message}`] : []);
    if (!error) this.#options.log.info({ machine: place }, 'a machine is resumed');
  }

  #woken(name: string, outcome: Outcome | Error): void {
    const failed = outcome instanceof Error;
    this.#options.metrics.wakes.inc({ outcome: failed ? 'error' : outcome });
    this.#problems.set(`wake ${name}`, failed ? [`${name}: no machine can be started: ${outcome.message}`] : []);
    if (outcome === 'started' || outcome === 'coming') this.#plane.coldStartGoesOn(name, 'wake');
    if (outcome === 'started') this.#options.log.info({ route: name }, 'a machine is asked for');
  }

  async #load(): Promise<ToldRoute[]> {
    const backendOf = (route: string) => this.#plane.backendOf(route);
    return toldLoad({ routes: this.#feed.routes, backendOf, ...(await this.#seen()) });
  }

  async #drain(namespace: string, machine: string, seconds: number): Promise<Drained> {
    this.#drains.set(namespace, machine, seconds);
    const toIt = new Set(this.#feed.routesWith(namespace, machine).keys());
    const deadline = performance.now() + longestTellMs;
    const isTold = () => [...toIt].every((route) => !this.#plane.takesNew(route, machine));
    while (seconds > 0 && !isTold() && performance.now() < deadline) await sleep(everyMs);
    return drained({ namespace, machine, toIt, ...(await this.#seen()) });
  }

  async #seen() {
    const load = await this.#plane.load();
    const isLeaving = (route: string, machine: string) => !this.#plane.takesNew(route, machine);
    return { load, held: this.#plane.held(), isLeaving };
  }
}

const refOf = ({ metadata: { name, namespace = '', uid = '' } }: GatePod) => ({ name, namespace, uid });
