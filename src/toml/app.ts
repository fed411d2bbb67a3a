import type { AppSpecInput } from '../api/app.ts';
import { seconds } from '../api/duration.ts';
import { placesPrefix, reservedAppNames } from '../api/meta.ts';
import { formatBytes } from '../api/quantity.ts';
import { becomes, labelOf } from './label.ts';
import { given, type Section } from './section.ts';
import { durationOf, signalOf } from './units.ts';

const wayOut = 'pass --name NAME: lower-case letters, digits and `-`, beginning with a letter, at most 63';

/** What templates have in place of a name. */
const placeholder = /^(your|change-?me|replace-?me|placeholder)(-|$)|^(my-?)?(fly-?)?app-?name(-here)?$/;

/** `app`, or the name that replaces it. */
export function appName(root: Section, override: string | undefined): string {
  const written = root.string('app');
  if (override !== undefined) {
    root.report.markReplaced(root.at('app'));
    if (!isAppName(override))
      root.report.fail('badOption', ['app'], `--name ${override} is not the name of an App: ${wayOut}`);
    return override;
  }
  if (!written) {
    if (written === '' || !root.has('app'))
      root.report.fail('badName', ['app'], `no app name: write app = "…" or ${wayOut}`);
    return '';
  }
  const name = labelOf(written);
  if (!/^[\w-]{1,63}$/.test(written) || placeholder.test(name) || !isAppName(name)) {
    root.wrong('app', `"${written}" cannot be the name of an App: ${wayOut}`, 'badName');
  } else if (name !== written) {
    root.warn('renamed', 'app', becomes(name));
  }
  return name;
}

function isAppName(name: string): boolean {
  return (
    /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name) &&
    name.length <= 63 &&
    !reservedAppNames.some((taken) => taken === name) &&
    !name.startsWith(placesPrefix)
  );
}

type TopKeys = Pick<AppSpecInput, 'primaryRegion' | 'killSignal' | 'killTimeout' | 'swap'>;

/** The keys at the top of the file. */
export function topKeys(root: Section): TopKeys {
  return given({
    primaryRegion: primaryRegion(root),
    killSignal: signalOf(root, 'kill_signal'),
    killTimeout: killTimeout(root),
    swap: swap(root),
  });
}

function swap(root: Section): string | undefined {
  const mebibytes = root.integer('swap_size_mb', { min: 0, max: 1_000_000 });
  return mebibytes ? formatBytes(mebibytes * 2 ** 20) : undefined;
}

function primaryRegion(root: Section): string | undefined {
  const region = root.text('primary_region');
  if (region === undefined || region === labelOf(region)) return region;
  return root.wrong('primary_region', `must be the name of a region like "iad", not "${region}"`);
}

function killTimeout(root: Section): string | undefined {
  const older = root.section('experimental');
  if (!root.has('kill_timeout')) return older && atMostFiveMinutes(older);
  if (older?.has('kill_timeout')) older.overridden('kill_timeout', 'the one at the top of the file goes before it');
  return atMostFiveMinutes(root);
}

function atMostFiveMinutes(section: Section): string | undefined {
  const timeout = durationOf(section, 'kill_timeout', 'seconds');
  if (timeout === undefined || seconds(timeout) <= 300) return timeout;
  return section.wrong('kill_timeout', `may be at most 5 minutes: write "5m" instead of "${timeout}"`);
}
