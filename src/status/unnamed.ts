import type { App } from '../api/app.ts';
import { groupsOf } from '../desired/groups.ts';
import { groupHost, isLabel, longestNamedApp, regionHost } from '../desired/place-names.ts';
import type { Settings } from '../desired/settings.ts';
import type { Unrealised } from './unrealised.ts';

/** Names too long for a name in `.internal` of what is in a group or region, where the cluster has such names at all. */
export function unnamedPlaces(
  { metadata, spec }: Pick<App, 'metadata' | 'spec'>,
  { dnsRewrite }: Pick<Settings, 'dnsRewrite'>,
): Unrealised[] {
  if (!dnsRewrite) return [];
  const entry = (field: string, name: string): Unrealised => ({
    field,
    instead: `\`${name}.internal\` does not resolve, for that name is too long`,
    isFinal: true,
  });
  const app = metadata.name;
  if (app.length > longestNamedApp) return [entry('metadata.name', `<group>.process.${app}`)];
  const groups = groupsOf<{ name: string; regions?: { name: string }[] | undefined }>(spec);
  const regions = [
    spec.primaryRegion ?? '',
    ...groups.flatMap((group) => (group.regions ?? []).map(({ name }) => name)),
  ];
  return [
    ...groups
      .filter(({ name }) => !isLabel(groupHost(name)))
      .map(({ name }) => entry('spec.processes[].name', `${name}.process.${app}`)),
    ...[...new Set(regions)]
      .filter((region) => !isLabel(regionHost(region)))
      .map((region) => entry('spec.primaryRegion, spec.processes[].regions', `${region}.${app}`)),
  ];
}
