import { join } from 'node:path';
import { clusterDir } from '../paths.ts';

/** One node of an embedded cluster: its names, addresses and folder. Addresses live inside namespaces, so clusters share them. */
export interface NodePlan {
  readonly name: string;
  readonly region: string;
  readonly ip: string;
  readonly podRange: string;
  readonly dir: string;
  /** Path below every cgroup hierarchy. */
  readonly cgroup: string;
}

export const podRange = '10.244.0.0/16';
const regions = ['iad', 'fra'];

export const maxNodes = regions.length;

export const planNodes = (cluster: string, count: number): [NodePlan, ...NodePlan[]] =>
  regions.slice(0, count).map((region, index) => ({
    name: `${cluster}-${index + 1}`,
    region,
    ip: `172.30.0.${index + 1}`,
    podRange: `10.244.${index}.0/24`,
    dir: join(clusterDir(cluster), `node${index + 1}`),
    cgroup: `/airfield-${cluster}-${index + 1}`,
  })) as [NodePlan, ...NodePlan[]];
