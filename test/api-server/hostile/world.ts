import { apps, ownKinds, ownResourceOf } from '../../../src/controller/resources.ts';
import { type Addressed, type Client, connect } from '../../../src/kube/client.ts';
import * as kinds from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { until } from '../../cluster/exec.ts';
import { app } from '../../e2e/apps.ts';
import { OperatorProcess } from '../../e2e/operator.ts';
import { serveOwnKinds } from '../own-kinds.ts';
import { Audit } from './audit.ts';
import { bystanders, createBystanders } from './bystanders.ts';
import type { HostileObject } from './objects.ts';
import { victim } from './values.ts';

const own = 'airfield-system';
/** All that an App may become, with gates and an edge. */
const env = {
  AIRFIELD_LEASE_NAMESPACE: own,
  AIRFIELD_OPERATOR_NAMESPACE: own,
  AIRFIELD_GATES_NAMESPACE: own,
  AIRFIELD_GATES_POLICIES: 'on',
  AIRFIELD_EDGE: 'gate',
  AIRFIELD_BASE_DOMAIN: 'apps.example.com',
  AIRFIELD_DNS_REWRITE: 'on',
  AIRFIELD_RAW_PORTS: 'loadBalancer',
};
/** Of its own it writes nothing else. */
const ownWrites = new Set(['leases', 'secrets', 'configmaps', 'networkpolicies', 'events']);

/** An API server, the operator, a tenant who is attacked, and what the operator did. */
export class HostileWorld {
  readonly client: Client;
  readonly operator: OperatorProcess;
  readonly #server: ApiServer;
  readonly #audit: Audit;
  #theirs: string[] = [];
  #heard = 0;
  /** How much the operator had said before there was the last tenant. */
  #saidBefore = 0;

  private constructor(server: ApiServer, client: Client, operator: OperatorProcess) {
    this.#server = server;
    this.client = client;
    this.operator = operator;
    this.#audit = new Audit(server.auditLogPath ?? '');
  }

  static async create(): Promise<HostileWorld> {
    const server = await startApiServer({ auditLog: true });
    try {
      const client = await connect({ kubeConfigPath: server.kubeconfig });
      await serveOwnKinds(client);
      for (const name of [own, victim]) await client.create(kinds.namespaces, { metadata: { name } });
      await createBystanders(client, victim);
      const operator = await OperatorProcess.start({ kubeconfig: server.kubeconfig, env });
      return new HostileWorld(server, client, operator);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** The victim has an App before anybody attacks. */
  async settle(): Promise<void> {
    await this.healthyApp('safe');
    this.#theirs = await this.#ofVictim();
  }

  async stop(): Promise<void> {
    await this.operator.stop();
    this.client.close();
    await this.#server.stop();
  }

  /** A tenant; half of them have objects of their own in the way. */
  async tenant(name: string, isInTheWay: boolean): Promise<void> {
    this.#saidBefore = this.operator.lines.length;
    await this.client.create(kinds.namespaces, { metadata: { name } });
    if (isInTheWay) await createBystanders(this.client, name);
  }

  /** What the API server says to it: nothing where it takes it. */
  async write(object: HostileObject): Promise<string | undefined> {
    const refuse = (error: Error) => error.message;
    return this.client.create(ownResourceOf(object), object).then(() => undefined, refuse);
  }

  /** An App of the victim that becomes what it should, whatever others do. */
  async healthyApp(name: string): Promise<void> {
    const object = app(name, { image: 'x:1', services: [{ internalPort: 8080, ports: [{ port: 80 }] }] }) as Addressed;
    await this.client.create(apps, { ...object, metadata: { name, namespace: victim } });
    await until(
      `the machines of ${name}`,
      () => this.client.get(kinds.deployments, { namespace: victim, name: `${name}-app` }),
      120_000,
    );
  }

  /** Every object has been looked at: it has a status, or the operator has said what is wrong. */
  async settled(namespace: string): Promise<void> {
    await until(
      `all of ${namespace} to be looked at`,
      async () => (await this.#unseen(namespace)).length === 0,
      120_000,
    );
  }

  async #unseen(namespace: string): Promise<KubeObject[]> {
    const lists = await Promise.all(
      ownKinds.map((kind) => this.client.list<KubeObject & { status?: object }>(kind, { namespace })),
    );
    const silent = lists.flatMap(({ items }) => items).filter(({ status }) => Object.keys(status ?? {}).length === 0);
    const lines = this.operator.lines.slice(this.#saidBefore);
    const refused = lines.filter((line) => line.includes('not reconciled') && line.includes(`"${namespace}"`));
    return silent.filter(({ metadata: { name } }) => !refused.some((line) => line.includes(`"${name}"`)));
  }

  /** Where the operator has written beyond the tenants. */
  async strayWrites(isTenant: (namespace: string) => boolean): Promise<string[]> {
    const written = await this.#audit.writes();
    return written
      .filter(
        ({ objectRef: { namespace = '', resource = '' } = {} }) =>
          !isTenant(namespace) && !(namespace === own && ownWrites.has(resource)),
      )
      .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
  }

  /** What the operator calls a fault of its own, and children that the API server refuses; since it was asked last. */
  faults(): string[] {
    const lines = this.operator.lines.slice(this.#heard);
    this.#heard = this.operator.lines.length;
    return lines.filter(
      (line) =>
        /"level":"(error|fatal)"/.test(line) || !line.startsWith('{') || /is invalid|BadRequest|Invalid/.test(line),
    );
  }

  /** Of the victim, everything that is not as it was. */
  async changedOfVictim(): Promise<string[]> {
    const now = await this.#ofVictim();
    return this.#theirs.filter((one) => !now.includes(one));
  }

  async #ofVictim(): Promise<string[]> {
    const all = await Promise.all(
      [kinds.deployments, kinds.services, kinds.networkPolicies, kinds.secrets].map((kind) =>
        this.client.list<KubeObject>(kind, { namespace: victim }),
      ),
    );
    const ours = all
      .flatMap(({ items }) => items)
      .map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`);
    return [...ours, ...(await bystanders(this.client, victim))];
  }

  /** All that a tenant and the operator have made there. */
  async clear(namespace: string): Promise<void> {
    const all = [
      ...ownKinds,
      ...[
        kinds.deployments,
        kinds.statefulSets,
        kinds.controllerRevisions,
        kinds.jobs,
        kinds.cronJobs,
        kinds.secrets,
        kinds.services,
        kinds.networkPolicies,
        kinds.endpointSlices,
        kinds.podDisruptionBudgets,
      ],
    ];
    for (const { apiVersion, plural } of all) {
      const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
      await this.client.raw('DELETE', `${group}/namespaces/${namespace}/${plural}`);
    }
  }
}
