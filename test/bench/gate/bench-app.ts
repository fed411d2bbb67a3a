import { connect } from 'node:net';
import type { Addressed } from '../../../src/kube/client.ts';
import { deployments, endpointSlices, type Resource, services } from '../../../src/kube/resources.ts';
import { until } from '../../cluster/exec.ts';
import { type GatedByHand, gatedByHand } from '../../e2e/gated-by-hand.ts';
import type { Bench } from './bench.ts';
import type { Mode } from './first-byte.ts';

export interface BenchAppOptions
  extends Partial<Pick<GatedByHand, 'image' | 'command' | 'env' | 'replicas' | 'resources'>> {
  /** `concurrency` of its services. */
  readonly concurrency?: object;
  /** Default: both. */
  readonly modes?: readonly Mode[];
}

const resources: readonly Resource[] = [deployments, services, endpointSlices];
let nextPort = 20_000;

/** An App that gates serve: HTTP on port 80 and a server that speaks first on port 25. */
export class BenchApp {
  readonly name: string;
  /** Of its Service. */
  readonly address: string;
  /** The port of gates that leads to its HTTP. */
  readonly gatePort: number;
  readonly #bench: Bench;

  private constructor(bench: Bench, name: string, address: string, gatePort: number) {
    this.#bench = bench;
    this.name = name;
    this.address = address;
    this.gatePort = gatePort;
  }

  /** One that both gates know and that the node leads to them. */
  static async start(bench: Bench, name: string, options: BenchAppOptions = {}): Promise<BenchApp> {
    const gatePort = nextPort;
    nextPort += 2;
    const { namespace } = bench;
    const address = await serve(bench, name, gatePort, options);
    const places = (await bench.gates.pods()).map((gate) => accepts.bind(undefined, gate.address, gatePort));
    // A connection that says nothing wakes nobody where requests are waited for.
    for (const accept of [...places, () => accepts(address, 80)])
      await until(`${name} to be served`, accept, 60_000, 50);
    if (options.replicas) {
      await bench.hasMachines(name, options.replicas);
      const know = async () => (await bench.told(name)).every((routes) => routes.every(has(options.replicas)));
      await until(`the gates to know the machines of ${namespace}/${name}`, know, 60_000, 50);
    }
    return new BenchApp(bench, name, address, gatePort);
  }

  /** As somebody does it by hand. */
  async scale(replicas: number): Promise<void> {
    const ref = { namespace: this.#bench.namespace, name: `${this.name}-app` };
    await this.#bench.client.mergePatch(deployments, ref, { spec: { replicas } }, { subresource: 'scale' });
  }

  /** Has no machine any more, and no gate thinks that it has one. */
  async sleeps(): Promise<void> {
    await this.scale(0);
    await this.#bench.hasMachines(this.name, 0);
    const know = async () => (await this.#bench.told(this.name)).every((routes) => routes.every(has(0)));
    await until('the gates to know that there is no machine', know, 60_000, 20);
  }

  async remove(): Promise<void> {
    const { namespace, client } = this.#bench;
    await client.delete(services, { namespace, name: this.name });
    await client.delete(deployments, { namespace, name: `${this.name}-app` });
  }
}

const has =
  (count: number | undefined) =>
  ({ machines }: { readonly machines: readonly object[] }) =>
    machines.length === count;

/** The one place that does what the operator will do when it is given an App. The address of its Service. */
async function serve(bench: Bench, name: string, gatePort: number, options: BenchAppOptions): Promise<string> {
  const { concurrency = {}, image = 'airfield.local/echo:1', modes = ['http', 'tcp'], ...rest } = options;
  const routes = [
    { listenPort: gatePort, port: 80, internalPort: 8080, mode: 'http', concurrency } as const,
    { listenPort: gatePort + 1, port: 25, internalPort: 2525, mode: 'tcp', concurrency } as const,
  ];
  const chosen = routes.filter(({ mode }) => modes.includes(mode));
  const gates = (await bench.gates.pods()).map(({ address }) => address);
  const { namespace, client } = bench;
  for (const object of gatedByHand({ namespace, name, image, routes: chosen, gates, ...rest }) as (Addressed & {
    kind: string;
  })[]) {
    const resource = resources.find(({ kind }) => kind === object.kind) as Resource;
    await client.apply(resource, object, { fieldManager: 'bench' });
  }
  const { spec } = await client.get<{ spec: { clusterIP: string } }>(services, { namespace, name });
  return spec.clusterIP;
}

function accepts(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port }, () => resolve(true)).on('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
