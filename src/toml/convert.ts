import type { AppSpecInput } from '../api/app.ts';
import { apiVersion } from '../api/meta.ts';
import { dnsLabel } from '../api/scalars.ts';
import { appName, topKeys } from './app.ts';
import { type Beside, type BesideOptions, besideApp, readBeside, scalesBeside } from './beside.ts';
import { image } from './build.ts';
import { checks } from './checks.ts';
import { deploy } from './deploy.ts';
import { type Format, type NamedText, readMerged } from './document.ts';
import { env } from './env.ts';
import { files } from './files.ts';
import type { AppManifest, MachineManifest, ScheduleManifest } from './manifest.ts';
import { metrics } from './metrics.ts';
import { mounts } from './mounts.ts';
import { processGroups } from './process-groups.ts';
import { type Groups, groups as readGroups } from './processes.ts';
import { type Problem, problem, Report } from './report.ts';
import { checkSchema, type FieldNote, noteFields } from './schema-check.ts';
import { given, Section } from './section.ts';
import { services } from './services.ts';
import { type FieldSource, sourcesOf } from './sources.ts';
import { sayVerdicts } from './verdicts.ts';

export type { AppManifest } from './manifest.ts';

/** What the user says beside the file. */
export interface ConvertOptions extends BesideOptions {
  /** Goes before `app`. */
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  /** How the file is written (default: `toml`). */
  readonly format?: Format | undefined;
  /** Files that are merged into it, one after the other; see `overlay`. */
  readonly overlays?: readonly NamedText[] | undefined;
  /** What else is to be said of fields of the App, such as those that are not acted on yet. */
  readonly review?: (spec: AppSpecInput) => readonly FieldNote[];
}

export interface Conversion {
  /** Absent when `problems` has an error. */
  readonly app?: AppManifest;
  /** Machines, then Schedules, where a list of machines was given. */
  readonly resources?: readonly (MachineManifest | ScheduleManifest)[];
  /** The values of the Secret of the App, where a .env file was given. They are for a Secret only: nothing else may show them. */
  readonly secrets?: ReadonlyMap<string, string>;
  /** In the order of the file. */
  readonly problems: readonly Problem[];
  /** Where the fields of `app` come from; empty without an App. Every key of the file is here or in `problems`. */
  readonly sources: readonly FieldSource[];
}

/** The App that a fly.toml, fly.json or fly.yaml describes. Whatever the text is, there is an App or an error. */
export function convert(text: string, options: ConvertOptions = {}): Conversion {
  const document = readMerged(text, options);
  if (Array.isArray(document)) return { problems: document, sources: [] };
  const report = new Report(document.locator, document.problems);
  const root = new Section(report, [], document.root);
  const name = appName(root, options.name);
  const groups = readGroups(root);
  const beside = readBeside(options, groups, [name, root.text('app') ?? name]);
  const app = {
    apiVersion,
    kind: 'App',
    metadata: metadata(root, name, options),
    spec: spec(root, name, groups, beside),
  } as const;
  sayVerdicts(report, document.root);
  if (!report.hasErrors) checkSchema(report, app.spec);
  if (!report.hasErrors && options.review) noteFields(report, app.spec, options.review(app.spec));
  const { problems: others, ...found } = besideApp(beside, app, groups);
  const problems = [...report.problems, ...others];
  if (problems.some(({ severity }) => severity === 'error')) return { problems, sources: [] };
  return { app, ...found, problems, sources: sourcesOf(report, document.root, app) };
}

/** What a file that cannot be read becomes. */
export function unreadable(message: string): Conversion {
  return { problems: [problem('unreadable', '', message, { line: 1, column: 1 })], sources: [] };
}

function metadata(root: Section, name: string, { namespace }: ConvertOptions): AppManifest['metadata'] {
  if (namespace !== undefined && !dnsLabel().safeParse(namespace).success) {
    root.report.fail('badOption', [], `--namespace ${namespace} is not the name of a namespace`);
  }
  return { name, ...given({ namespace }) };
}

function spec(root: Section, name: string, groups: Groups, beside: Beside): AppSpecInput {
  const { options, secrets } = beside;
  const volumes = mounts(root, groups);
  const own = { image: image(root, options.image), ...topKeys(root) };
  const scale = scalesBeside(beside, groups, own.primaryRegion, root.report);
  return given({
    ...own,
    env: env(root, name, secrets),
    ...processGroups(root, groups, scale),
    services: unlessEmpty(services(root, groups)),
    checks: unlessEmpty(checks(root, groups)),
    mounts: unlessEmpty(volumes),
    files: unlessEmpty(files(root, groups, name, secrets)),
    metrics: unlessEmpty(metrics(root, groups)),
    deploy: deploy(root, volumes.length > 0),
  });
}

function unlessEmpty<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}
