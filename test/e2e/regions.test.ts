import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { helloApp } from './apps.ts';
import { kubectl, Namespace, until } from './kubectl.ts';
import { OperatorProcess } from './operator.ts';

interface List<T> {
  items: T[];
}

interface Pod {
  metadata: { labels: Record<string, string> };
  spec: { nodeName?: string };
}

interface Node {
  metadata: { name: string; labels: Record<string, string> };
}

const regionLabel = 'topology.kubernetes.io/region';

let namespace: Namespace;
let operator: OperatorProcess | undefined;

beforeAll(async () => {
  namespace = await Namespace.create('regions');
});
afterEach(async () => {
  await operator?.stop();
  operator = undefined;
});
afterAll(() => namespace.delete());

/** An App with machines in these regions, on nodes that are labelled `iad` and `fra`. */
const inRegions = (name: string, ...counts: [string, number][]) =>
  helloApp(name, {
    primaryRegion: counts[0]?.[0],
    processes: [{ name: 'app', regions: counts.map(([region, count]) => ({ name: region, count })) }],
  });

/** How many machines of an App run in each region: the region that is meant, and that of the node. */
async function placed(app: string): Promise<string[]> {
  const nodes: List<Node> = JSON.parse(await kubectl(['get', 'nodes', '-o', 'json']));
  const regionOf = new Map(nodes.items.map(({ metadata }) => [metadata.name, metadata.labels[regionLabel]]));
  const selector = `airfield.dev/app=${app},airfield.dev/workload`;
  const pods = await namespace.list<Pod>('pods', selector);
  return pods
    .map(({ metadata, spec }) => `${metadata.labels['airfield.dev/region']} on ${regionOf.get(spec.nodeName ?? '')}`)
    .sort();
}

async function condition(app: string): Promise<{ reason: string; message: string } | undefined> {
  interface App {
    status?: { conditions?: { type: string; reason: string; message: string }[] };
  }
  const { status } = await namespace.get<App>('app', app);
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

describe('machines in regions', () => {
  it('run on nodes of their region, as many as each region says, and move with the numbers', async () => {
    operator = await OperatorProcess.startIn(namespace, { env: { AIRFIELD_REGION_MODE: 'require' } });
    await namespace.apply(inRegions('spread', ['iad', 1], ['fra', 3]));
    await namespace.waitReady('spread');
    expect(await placed('spread')).toEqual(['fra on fra', 'fra on fra', 'fra on fra', 'iad on iad']);
    await namespace.apply(inRegions('spread', ['iad', 2], ['fra', 1]));
    await until('the machines to be where they should', async () => {
      return (await placed('spread')).join() === 'fra on fra,iad on iad,iad on iad';
    });
    const app = await namespace.get<{ status: { release: object; processes: object[] } }>('app', 'spread');
    expect(app.status.release).toMatchObject({ version: 1, phase: 'complete' });
    expect(app.status.processes).toMatchObject([
      { desired: 3, regions: [{ name: 'iad', desired: 2 }, { name: 'fra' }] },
    ]);
  });

  it('run elsewhere where no node is in their region and it is only preferred', async () => {
    operator = await OperatorProcess.startIn(namespace);
    await namespace.apply(inRegions('anywhere', ['syd', 1]));
    await namespace.waitReady('anywhere');
    expect(await placed('anywhere')).toEqual([expect.stringMatching(/^syd on (iad|fra)$/)]);
  });

  it('do not run where it is required, and the condition names the region and what there is instead', async () => {
    const env = { AIRFIELD_REGION_MODE: 'require', AIRFIELD_REGIONS: 'syd=ap-southeast-2,ams=iad' };
    operator = await OperatorProcess.startIn(namespace, { env });
    await namespace.apply(inRegions('nowhere', ['syd', 1]), inRegions('mapped', ['ams', 1]));
    const found = await until('the reason', async () => {
      const ready = await condition('nowhere');
      return ready?.reason === 'RegionUnavailable' ? ready : undefined;
    });
    expect(found?.message).toContain('no node offers region syd');
    expect(found?.message).toContain('`ap-southeast-2`');
    expect(found?.message).toMatch(/nodes offer .*fra/);
    await namespace.waitReady('mapped');
    expect(await placed('mapped')).toEqual(['ams on iad']);
  });
});
