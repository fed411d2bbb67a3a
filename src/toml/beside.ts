import type { MachineSpecInput } from '../api/machine.ts';
import type { NamedText } from './document.ts';
import { type EnvFile, parseDotenv } from './dotenv.ts';
import type { SecretNames } from './files.ts';
import { type Fleet, fleetOf, scalesOf } from './machine-fleet.ts';
import { readMachineList } from './machine-list.ts';
import { resourcesOf } from './machines.ts';
import type { AppManifest, MachineManifest, ScheduleManifest } from './manifest.ts';
import type { Groups } from './processes.ts';
import { type Problem, problem, type Report } from './report.ts';
import { type Scale, type ScaleFlags, scales } from './scale.ts';
import type { FieldNote } from './schema-check.ts';
import { secretsOf } from './secrets.ts';

/** What a fly.toml does not hold, and the user gives beside it. */
export interface BesideOptions {
  /** Goes before `[build] image`. */
  readonly image?: string | undefined;
  /** Numbers of machines. */
  readonly scale?: ScaleFlags | undefined;
  /** A .env file, whose variables are the secrets of the App. */
  readonly secrets?: NamedText | undefined;
  /** Whether the values of secrets are printed as they are, and not sealed. */
  readonly plainSecrets?: boolean | undefined;
  /** What `fly machine list --json` prints. */
  readonly machines?: NamedText | undefined;
  /** What else is to be said of fields of a Machine, such as those that are not acted on. */
  readonly reviewMachine?: (spec: MachineSpecInput) => readonly FieldNote[];
}

/** Read, but not yet converted. */
export interface Beside {
  readonly options: BesideOptions;
  readonly envFile?: EnvFile;
  readonly secrets?: SecretNames;
  readonly fleet?: Fleet;
  readonly problems: readonly Problem[];
}

/** `apps`: what the App is called, here and on Fly. */
export function readBeside(options: BesideOptions, groups: Groups, apps: readonly string[]): Beside {
  const envFile = options.secrets && parseDotenv(options.secrets.text);
  const list = options.machines && readMachineList(options.machines);
  const isBroken = list !== undefined && 'severity' in list;
  return {
    options,
    ...(envFile && { envFile, secrets: new Set(envFile.variables.map(({ name }) => name)) }),
    ...(list && !isBroken && { fleet: fleetOf(list, groups, apps) }),
    problems: [
      ...(isBroken ? [list] : []),
      ...(options.secrets && options.plainSecrets ? [plain(options.secrets)] : []),
    ],
  };
}

function plain({ file }: NamedText): Problem {
  const message =
    'the values are printed as they are: never commit what is printed; without --plain-secrets they are sealed';
  return { ...problem('plainSecret', '', message, { line: 1, column: 1 }), file };
}

/** The scale of each group: what the user says, else what its machines on Fly are. */
export function scalesBeside(
  { options, fleet }: Beside,
  groups: Groups,
  primaryRegion: string | undefined,
  report: Report,
): ReadonlyMap<string, Scale> {
  const said = options.scale ? scales(options.scale, groups, primaryRegion, report) : new Map<string, Scale>();
  if (!fleet) return said;
  const found = new Map(said);
  for (const [group, scale] of scalesOf(fleet, primaryRegion)) {
    const spread = scale.regions?.map(({ name, count }) => `${count} in ${name}`).join(', ') ?? `${scale.count}`;
    const became = found.has(group) ? 'an option says how many there are to be' : 'so it is in the App';
    fleet.report.note('noMachine', [], `machines of group ${group} on Fly: ${spread}; ${became}`);
    if (!found.has(group)) found.set(group, scale);
  }
  return found;
}

export interface BesideApp {
  readonly resources: readonly (MachineManifest | ScheduleManifest)[];
  readonly secrets?: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

/** What stands beside the App. */
export function besideApp(
  { options, envFile, secrets: names, fleet, problems }: Beside,
  app: AppManifest,
  groups: Groups,
): BesideApp {
  const resources = fleet ? resourcesOf(fleet, { app, groups, secrets: names }, options.reviewMachine) : [];
  const secrets = envFile && secretsOf(options.secrets?.file ?? '', envFile, app, resources);
  const ofMachines = fleet?.report.problems.map((problem) => ({ ...problem, file: options.machines?.file ?? '' }));
  return {
    resources,
    ...(secrets && { secrets: secrets.values }),
    problems: [...problems, ...(ofMachines ?? []), ...(secrets?.problems ?? [])],
  };
}
