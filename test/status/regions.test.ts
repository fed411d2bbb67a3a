import { describe, expect, it } from 'vitest';
import type { Regions } from '../../src/api/region.ts';
import { missingRegions } from '../../src/status/regions.ts';

const require: Regions = { mode: 'require', labels: { fra: ['eu-central-1', 'eu-west-1'], ams: ['eu-west-1'] } };
const node = (region: string) => ({ labels: { 'topology.kubernetes.io/region': region } });
const missing = (wanted: (string | undefined)[], offered: string[], regions = require, count = 1) =>
  missingRegions(
    wanted.map((region) => ({ region, count })),
    [{}, ...offered.map(node)],
    { regions },
  );

describe('regions that no node offers', () => {
  it('are told with the label that was looked for, what there is, and what to do', () => {
    expect(missing(['fra', 'fra'], ['us-east-1'])).toBe(
      'no node offers region fra (topology.kubernetes.io/region: `eu-central-1` or `eu-west-1`); nodes offer us-east-1 (`us-east-1`); name a region that nodes offer, label nodes, map the region in AIRFIELD_REGIONS, or set AIRFIELD_REGION_MODE=prefer',
    );
  });

  it('are told all at once', () => {
    expect(missing(['iad', 'sin', 'fra'], ['eu-west-1'])).toMatch(
      /^no node offers the regions iad \(.*: `iad`\), sin \(.*: `sin`\); nodes offer fra and ams \(`eu-west-1`\); /,
    );
  });

  it('are told where no node has a region', () => {
    expect(missing(['iad'], [])).toContain('; no node has the label topology.kubernetes.io/region; ');
  });

  it.each<[string, (string | undefined)[], string[]]>([
    ['no region is named', [undefined], []],
    ['one of the values of a region is there', ['fra'], ['eu-west-1']],
    ['a region has its own name on nodes', ['iad'], ['iad']],
  ])('are none where %s', (_, wanted, offered) => {
    expect(missing(wanted, offered)).toBeUndefined();
  });

  it('are none where machines may run elsewhere', () => {
    expect(missing(['fra'], ['us-east-1'], { ...require, mode: 'prefer' })).toBeUndefined();
  });

  it('are none where no machine is wanted there', () => {
    expect(missing(['fra'], ['us-east-1'], require, 0)).toBeUndefined();
  });
});
