export type Severity = 'error' | 'warning' | 'note';

interface Code {
  /** Stable: it is never given to anything else, and never changes its number. */
  readonly code: `AF${string}`;
  readonly severity: Severity;
  /** What it means, whatever the key is. */
  readonly meaning: string;
  /** Whether what it speaks of is not in the App. */
  readonly leavesOut?: true;
}

/** Everything that a conversion can say. With an error there is no App; notes need nobody to do anything. */
export const codes = {
  brokenToml: { code: 'AF001', severity: 'error', meaning: 'The file is not TOML 1.0.' },
  badName: { code: 'AF002', severity: 'error', meaning: 'The App has no name, or one that it cannot have.' },
  noImage: { code: 'AF003', severity: 'error', meaning: 'No image is named, or what is named is no image.' },
  badOption: { code: 'AF004', severity: 'error', meaning: 'An option of the command line has a value that cannot be.' },
  wrongType: { code: 'AF005', severity: 'error', meaning: 'A value has another type than its key.' },
  wrongValue: { code: 'AF006', severity: 'error', meaning: 'A value is outside of what its key allows.' },
  missingKey: { code: 'AF007', severity: 'error', meaning: 'A key that has to be there is missing.' },
  contradiction: { code: 'AF008', severity: 'error', meaning: 'Two parts of the file exclude each other.' },
  noSuchGroup: { code: 'AF009', severity: 'error', meaning: 'A section names a process group that is not there.' },
  refused: { code: 'AF010', severity: 'error', meaning: 'The App that the file describes would be refused.' },
  unknownKey: {
    code: 'AF011',
    severity: 'warning',
    meaning: 'Neither flyctl nor Airfield knows the key.',
    leavesOut: true,
  },
  notSupported: { code: 'AF012', severity: 'warning', meaning: 'An App has nothing for the key.', leavesOut: true },
  overridden: {
    code: 'AF013',
    severity: 'warning',
    meaning: 'Another part of the file goes before this one.',
    leavesOut: true,
  },
  noEffect: { code: 'AF014', severity: 'warning', meaning: 'The key does nothing where it stands.', leavesOut: true },
  renamed: { code: 'AF015', severity: 'warning', meaning: 'A name becomes one that Kubernetes allows.' },
  noUnit: { code: 'AF016', severity: 'warning', meaning: 'A duration has no unit, and Fly takes it for nanoseconds.' },
  reservedVariable: {
    code: 'AF017',
    severity: 'warning',
    meaning: 'A variable is set by Airfield, as Fly sets it.',
    leavesOut: true,
  },
  dateVariable: {
    code: 'AF018',
    severity: 'warning',
    meaning: 'A variable is a date, which Fly writes in its own way.',
  },
  closedRegistry: { code: 'AF019', severity: 'warning', meaning: 'The image is in a registry that needs a token.' },
  secretFile: { code: 'AF020', severity: 'warning', meaning: 'A file comes from a Secret that has to be made.' },
  unusedTable: { code: 'AF021', severity: 'warning', meaning: 'A table is for no process group.', leavesOut: true },
  notNeeded: { code: 'AF022', severity: 'note', meaning: 'The key has no purpose on Kubernetes.', leavesOut: true },
  notActedOn: {
    code: 'AF023',
    severity: 'note',
    meaning: 'The field is in the App, but Airfield does not act on it yet.',
  },
  unreadable: { code: 'AF024', severity: 'error', meaning: 'The file cannot be read, or is not text in UTF-8.' },
  brokenYaml: { code: 'AF025', severity: 'error', meaning: 'The file is not JSON or YAML, or is no table of keys.' },
  badPatch: { code: 'AF026', severity: 'error', meaning: 'A patch is for nothing that is there.' },
  approximated: { code: 'AF027', severity: 'note', meaning: 'The field of the App differs a little from the key.' },
  credential: {
    code: 'AF028',
    severity: 'warning',
    meaning: 'A variable looks like a credential, which an App shows.',
  },
  brokenEnv: { code: 'AF029', severity: 'error', meaning: 'A file of secrets has a line that is not NAME=value.' },
  alsoSecret: { code: 'AF030', severity: 'warning', meaning: 'A variable is in the environment and in the secrets.' },
  plainSecret: { code: 'AF031', severity: 'warning', meaning: 'The values of a Secret are printed as they are.' },
  brokenMachines: {
    code: 'AF032',
    severity: 'error',
    meaning: 'The list of machines is not what `fly machine list --json` prints.',
  },
  noMachine: { code: 'AF033', severity: 'note', meaning: 'A machine of Fly becomes no resource of its own.' },
  coarseSchedule: { code: 'AF034', severity: 'note', meaning: 'A machine that Fly runs now and then is a Schedule.' },
  otherMachine: { code: 'AF035', severity: 'warning', meaning: 'The machines on Fly are not as the file says.' },
} as const satisfies Readonly<Record<string, Code>>;

export type CodeName = keyof typeof codes;
type NameOf<S extends Severity> = { [N in CodeName]: (typeof codes)[N]['severity'] extends S ? N : never }[CodeName];
export type ErrorName = NameOf<'error'>;
export type RemarkName = NameOf<'warning' | 'note'>;
