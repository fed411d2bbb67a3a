import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { label, role } from '../../../src/api/meta.ts';
import { ownKinds } from '../../../src/controller/resources.ts';
import { type Client, connect } from '../../../src/kube/client.ts';
import * as kinds from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { writeKubeconfig } from '../../cluster/credentials.ts';
import { until } from '../../cluster/exec.ts';
import { OperatorProcess } from '../../e2e/operator.ts';
import { Audit, type Entry } from '../hostile/audit.ts';
import { serveOwnKinds } from '../own-kinds.ts';
import { Controllers } from './controllers.ts';
import { FaultyProxy } from './faulty-proxy.ts';
import { appNames, workload, write } from './workload.ts';

type Conditioned = KubeObject & {
  spec: { image?: string };
  status?: {
    observedGeneration?: number;
    conditions?: { type: string; status: string; message?: string }[];
    release?: { version: number; image?: string; phase: string };
  };
};

const children = [
  ...[kinds.deployments, kinds.statefulSets, kinds.jobs, kinds.cronJobs, kinds.services, kinds.networkPolicies],
  ...[kinds.endpointSlices, kinds.secrets, kinds.configMaps, kinds.controllerRevisions, kinds.podDisruptionBudgets],
];
/** How long it may take until all is as it should be, once nothing is wrong any more. */
const patience = 120_000;
/** An operator that has written nothing for so long has nothing to do. */
const quietMs = 2000;

/** A cluster with something of everything that people write, an operator, and what stands between the two. */
export class ChaosWorld {
  readonly namespace = 'people';
  readonly client: Client;
  readonly server: ApiServer;
  readonly proxy: FaultyProxy;
  operator!: OperatorProcess;
  readonly #controllers: Controllers;
  readonly #audit: Audit;
  readonly #kubeconfig: string;
  /** Generated once, and kept whatever happens. */
  #password = '';
  /** Release commands that were made. */
  readonly #commands: string[] = [];

  private constructor(server: ApiServer, client: Client, proxy: FaultyProxy, controllers: Controllers) {
    this.server = server;
    this.client = client;
    this.proxy = proxy;
    this.#controllers = controllers;
    this.#audit = new Audit(server.auditLogPath ?? '');
    this.#kubeconfig = join(server.kubeconfig, '..', 'proxied');
  }

  static async create(random: () => number): Promise<ChaosWorld> {
    const server = await startApiServer({ auditLog: true });
    const client = await connect({ kubeConfigPath: server.kubeconfig });
    const proxy = await FaultyProxy.start(server, random);
    const world = new ChaosWorld(server, client, proxy, await Controllers.start(client, server.kubeconfig));
    try {
      await world.#settle();
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  /** Everything is there, and has become what it should. */
  async #settle(): Promise<void> {
    const { client, server, proxy, namespace } = this;
    await serveOwnKinds(client);
    const { ca, adminToken: token } = server;
    await writeKubeconfig(this.#kubeconfig, { name: 'proxied', server: proxy.url, ca, token });
    await client.create(kinds.namespaces, { metadata: { name: namespace } });
    await this.startOperator();
    await this.writeAll();
    await this.isRight();
    this.#password = await this.#passwordNow();
  }

  async stop(): Promise<void> {
    // Not there where something before it has failed.
    await (this.operator as OperatorProcess | undefined)?.stop();
    await this.#controllers.stop();
    await this.proxy.stop();
    this.client.close();
    await this.server.stop();
  }

  /** All that people have written, also where some of it is gone. */
  async writeAll(namespace = this.namespace): Promise<void> {
    for (const one of workload(namespace)) await write(this.client, one);
  }

  async startOperator(env: Readonly<Record<string, string>> = {}): Promise<void> {
    // A container that is started again keeps its name.
    const identity = { AIRFIELD_IDENTITY: 'operator', AIRFIELD_LEASE_NAMESPACE: 'default' };
    this.operator = await OperatorProcess.start({ kubeconfig: this.#kubeconfig, env: { ...identity, ...env } });
  }

  /** Resolves when everything is as it should be; throws what is not. */
  async isRight(): Promise<void> {
    let wrong = ['nothing has been looked at'];
    const look = async () => {
      wrong = await this.#wrong();
      return wrong.length === 0;
    };
    await until('all to be as it should be', look, patience).catch((error: Error) => {
      throw new Error(`${error.message}: ${wrong.join('; ')}`);
    });
  }

  /** A new operator finds nothing to do: what is there is what is desired. */
  async isAtRest(): Promise<void> {
    await until('the operator to watch everything again', async () => Date.now() > this.#watchesAgainAt(), patience);
    // Machines follow the release of their App a moment after it is complete.
    const isQuiet = async () => (await this.#work()).length === 0;
    await until('the operator to write no more', isQuiet, patience, quietMs);
    await this.operator.stop();
    await this.#written();
    await this.startOperator();
    await until('the new operator to lead', async () => this.operator.has('"leads"'), patience);
    const looked = (line: string) =>
      line.includes('"reconciled"') && appNames.some((name) => line.includes(`"${name}"`));
    await until(
      'it to have looked at all',
      async () => this.operator.lines.filter(looked).length >= appNames.length,
      patience,
    );
    const written = await this.#work();
    if (written.length > 0)
      throw new Error(
        `a new operator writes ${written.map(({ verb, requestURI }) => `${verb} ${requestURI}`).join(', ')}`,
      );
  }

  /** Release commands that were made more often than once: they must not run twice. */
  async commandsRunTwice(): Promise<string[]> {
    await this.#written();
    return this.#commands.filter((command, index) => this.#commands.indexOf(command) !== index);
  }

  /** A kind that was lost is tried again after a while, and nothing of it is heard until then. */
  #watchesAgainAt(): number {
    const lost = this.operator.lines.filter((line) => line.includes('"retryMs"'));
    const again = lost.map((line) => JSON.parse(line) as { time: string; retryMs: number });
    return Math.max(0, ...again.map(({ time, retryMs }) => Date.parse(time) + retryMs + 500));
  }

  /** What the operator has written since this was asked last, but for what it writes while it has nothing to do. */
  async #work(): Promise<Entry[]> {
    const written = await this.#written();
    return written.filter(({ objectRef }) => !['leases', 'events'].includes(objectRef?.resource ?? ''));
  }

  /** All of it. Notes the release commands among it. */
  async #written(): Promise<Entry[]> {
    const written = await this.#audit.writes();
    const made = written.filter(({ responseStatus }) => responseStatus?.code === 201);
    for (const { objectRef, requestObject } of made) {
      const { labels = {} } = requestObject?.metadata ?? {};
      const command = `${objectRef?.namespace}/${labels[label.app]} release ${labels[label.release]}`;
      if (labels[label.role] === role.releaseCommand) this.#commands.push(command);
    }
    return written;
  }

  async #wrong(): Promise<string[]> {
    const [lists, owned] = await Promise.all([
      Promise.all(ownKinds.map((kind) => this.client.list<Conditioned>(kind, { namespace: this.namespace }))),
      Promise.all(children.map((kind) => this.client.list<KubeObject>(kind, { namespace: this.namespace }))),
    ]);
    const own = lists.flatMap(({ items }) => items);
    const owners = new Set(own.map(({ metadata }) => metadata.uid));
    const orphans = owned
      .flatMap(({ items }) => items)
      .filter(({ metadata }) =>
        metadata.ownerReferences?.some(
          ({ apiVersion, uid }) => apiVersion.startsWith('airfield.dev/') && !owners.has(uid),
        ),
      );
    const expected = workload(this.namespace).filter(
      ({ kind, metadata }) => !own.some((one) => one.kind === kind && one.metadata.name === metadata.name),
    );
    const isKept = !this.#password || (await this.#passwordNow()) === this.#password;
    return [
      ...expected.map(({ kind, metadata }) => `${kind} ${metadata.name} is not there`),
      ...own.flatMap(whatIsWrong),
      ...orphans.map(({ kind, metadata }) => `${kind} ${metadata.name} has lost its owner`),
      ...(isKept ? [] : ['the generated password is another one']),
    ];
  }

  async #passwordNow(): Promise<string> {
    const { items } = await this.client.list<KubeObject & { data?: Record<string, string> }>(kinds.secrets, {
      namespace: this.namespace,
    });
    return items.find(({ data }) => data?.PASSWORD)?.data?.PASSWORD ?? '';
  }

  /** What has the next operator run this program first, within its own process. */
  async preloaded(program: string): Promise<Record<string, string>> {
    const path = join(this.server.kubeconfig, '..', `${randomUUID()}.mjs`);
    await writeFile(path, program);
    return { NODE_OPTIONS: `--import=${path}` };
  }
}

function whatIsWrong({ kind, metadata, spec, status }: Conditioned): string[] {
  if (kind !== 'App') return status ? [] : [`${kind} ${metadata.name} has not been looked at`];
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const { release } = status ?? {};
  return [
    ...(status?.observedGeneration === metadata.generation ? [] : [`App ${metadata.name} has not been looked at`]),
    ...(ready?.status === 'True' ? [] : [`App ${metadata.name} is not ready: ${ready?.message}`]),
    ...(release?.phase === 'complete' && release.image === spec.image
      ? []
      : [`App ${metadata.name} is in release ${JSON.stringify(release)}`]),
  ];
}
