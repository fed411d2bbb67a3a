import type { AppSpecInput } from '../api/app.ts';
import { labelOf } from './label.ts';
import type { Groups } from './processes.ts';
import type { Report } from './report.ts';
import type { CountFlag, RegionFlag } from './scale-flags.ts';

/** Numbers of machines that the user gives, because no fly.toml holds them. */
export interface ScaleFlags {
  readonly counts: readonly CountFlag[];
  readonly regions: readonly RegionFlag[];
}

type ProcessInput = NonNullable<AppSpecInput['processes']>[number];
/** How many machines a group has: in all, or in each region. */
export type Scale = Pick<ProcessInput, 'count' | 'regions'>;

/**
 * The scale of each group that the flags speak of. As with `fly scale count 3 --region fra`, regions count machines of
 * their own; given beside a count they are a part of it, and the rest is in the primary region.
 */
export function scales(
  { counts, regions }: ScaleFlags,
  groups: Groups,
  primaryRegion: string | undefined,
  report: Report,
): ReadonlyMap<string, Scale> {
  const fail = (message: string) => report.fail('badOption', ['processes'], message);
  const byGroup = (flag: CountFlag) => labelOf(flag.group ?? groups.default);
  const found = new Map<string, Scale>();
  for (const [group, flags] of Map.groupBy<string, CountFlag | RegionFlag>([...counts, ...regions], byGroup)) {
    const shown = flags.map(flagText).join(' ');
    const inRegions = flags.filter((flag) => 'region' in flag);
    const totals = flags.filter((flag) => !('region' in flag));
    if (!groups.commands.has(group)) fail(`${shown}: there is no process group "${group}", only ${namesOf(groups)}`);
    else if (isTwice(totals.map(() => '')) || isTwice(inRegions.map(({ region }) => region)))
      fail(`${shown}: the same number is given twice: keep one of them`);
    else {
      const scale = scaleOf(totals[0]?.count, inRegions, primaryRegion);
      if (typeof scale === 'string') fail(`${shown}: ${scale}`);
      else found.set(group, scale);
    }
  }
  return found;
}

/** What is wrong, where it is a string. */
function scaleOf(total: number | undefined, flags: readonly RegionFlag[], primary: string | undefined): Scale | string {
  if (flags.length === 0) return { count: total ?? 0 };
  const regions = flags.map(({ region, count }) => ({ name: region, count }));
  const sum = regions.reduce((before, { count }) => before + count, 0);
  const rest = (total ?? sum) - sum;
  if (rest < 0) return `the regions have ${sum} machines, which is more than ${total}`;
  if (rest === 0) return { regions };
  if (primary === undefined)
    return `the regions have ${sum} of ${total} machines: write primary_region in the file, where the others are, or give their region too`;
  if (regions.some(({ name }) => name === primary))
    return `the regions have ${sum} machines, not ${total}: leave the count out, or the primary region ${primary}, which has all others`;
  return { regions: [{ name: primary, count: rest }, ...regions] };
}

const isTwice = (names: readonly string[]) => new Set(names).size < names.length;
const namesOf = ({ commands }: Groups) => [...commands.keys()].join(', ');

function flagText(flag: CountFlag | RegionFlag): string {
  const { group, count } = flag;
  if ('region' in flag) return `--region ${group ? `${group}/` : ''}${flag.region}=${count}`;
  return `--count ${group ? `${group}=` : ''}${count}`;
}
