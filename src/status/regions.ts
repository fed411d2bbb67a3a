import { nodeLabelsOf, nodeRegionLabel, type Regions, regionsOf } from '../api/region.ts';

interface Placed {
  readonly region: string | undefined;
  readonly count: number;
}

interface Labelled {
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/**
 * Which regions no node offers where machines may run in their own region only, as one sentence; undefined where every
 * machine has somewhere to go. A node that takes no pods just now offers its region all the same: it will be back.
 */
export function missingRegions(
  workloads: readonly Placed[],
  nodes: readonly Labelled[],
  { regions }: { readonly regions: Regions },
): string | undefined {
  if (regions.mode !== 'require') return undefined;
  const offered = new Set(nodes.flatMap(({ labels }) => labels?.[nodeRegionLabel] ?? []));
  const isOffered = (region: string) => nodeLabelsOf(region, regions).some((value) => offered.has(value));
  const wanted = workloads.flatMap(({ region, count }) => (region && count > 0 ? [region] : []));
  const missing = [...new Set(wanted)].filter((region) => !isOffered(region));
  if (missing.length === 0) return undefined;
  const known = [...offered].sort().map((value) => `${regionsOf(value, regions).join(' and ')} (\`${value}\`)`);
  return [
    `no node offers ${missing.length > 1 ? 'the regions' : 'region'} ${missing.map((region) => looked(region, regions)).join(', ')}`,
    known.length > 0 ? `nodes offer ${known.join(', ')}` : `no node has the label ${nodeRegionLabel}`,
    'name a region that nodes offer, label nodes, map the region in AIRFIELD_REGIONS, or set AIRFIELD_REGION_MODE=prefer',
  ].join('; ');
}

function looked(region: string, regions: Regions): string {
  const values = nodeLabelsOf(region, regions).map((value) => `\`${value}\``);
  return `${region} (${nodeRegionLabel}: ${values.join(' or ')})`;
}
