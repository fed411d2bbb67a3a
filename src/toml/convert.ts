import type { AppSpecInput } from '../api/app.ts';
import { apiVersion } from '../api/meta.ts';
import { dnsLabel } from '../api/scalars.ts';
import { appName, topKeys } from './app.ts';
import { image } from './build.ts';
import { checks } from './checks.ts';
import { deploy } from './deploy.ts';
import { type Format, type NamedText, readMerged } from './document.ts';
import { parseDotenv } from './dotenv.ts';
import { env } from './env.ts';
import { files, type SecretNames } from './files.ts';
import { metrics } from './metrics.ts';
import { mounts } from './mounts.ts';
import { processGroups } from './process-groups.ts';
import { groups as readGroups } from './processes.ts';
import { type Problem, problem, Report } from './report.ts';
import { type ScaleFlags, scales } from './scale.ts';
import { checkSchema, type FieldNote, noteFields } from './schema-check.ts';
import { secretsOf } from './secrets.ts';
import { given, Section } from './section.ts';
import { services } from './services.ts';
import { type FieldSource, sourcesOf } from './sources.ts';
import { sayVerdicts } from './verdicts.ts';

/** What the user says beside the file. */
export interface ConvertOptions {
  /** Goes before `[build] image`. */
  readonly image?: string | undefined;
  /** Goes before `app`. */
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  /** How the file is written (default: `toml`). */
  readonly format?: Format | undefined;
  /** Files that are merged into it, one after the other; see `overlay`. */
  readonly overlays?: readonly NamedText[] | undefined;
  /** Numbers of machines, which no fly.toml holds. */
  readonly scale?: ScaleFlags | undefined;
  /** A .env file, whose variables are the secrets of the App. */
  readonly secrets?: NamedText | undefined;
  /** What else is to be said of fields of the App, such as those that are not acted on yet. */
  readonly review?: (spec: AppSpecInput) => readonly FieldNote[];
}

/** An App as it is applied: no default is written out. */
export interface AppManifest {
  readonly apiVersion: string;
  readonly kind: 'App';
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: AppSpecInput;
}

export interface Conversion {
  /** Absent when `problems` has an error. */
  readonly app?: AppManifest;
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
  const envFile = options.secrets && parseDotenv(options.secrets.text);
  const names = envFile && new Set(envFile.variables.map(({ name }) => name));
  const app = manifest(new Section(report, [], document.root), options, names);
  sayVerdicts(report, document.root);
  if (!report.hasErrors) checkSchema(report, app.spec);
  if (!report.hasErrors && options.review) noteFields(report, app.spec, options.review(app.spec));
  const secrets = envFile && secretsOf(options.secrets?.file ?? '', envFile, app);
  const problems = [...report.problems, ...(secrets?.problems ?? [])];
  if (problems.some(({ severity }) => severity === 'error')) return { problems, sources: [] };
  return given({ app, secrets: secrets?.values, problems, sources: sourcesOf(report, document.root, app) });
}

/** What a file that cannot be read becomes. */
export function unreadable(message: string): Conversion {
  return { problems: [problem('unreadable', '', message, { line: 1, column: 1 })], sources: [] };
}

function manifest(root: Section, options: ConvertOptions, secrets: SecretNames | undefined): AppManifest {
  const name = appName(root, options.name);
  const { namespace } = options;
  if (namespace !== undefined && !dnsLabel().safeParse(namespace).success) {
    root.report.fail('badOption', [], `--namespace ${namespace} is not the name of a namespace`);
  }
  const metadata = { name, ...given({ namespace }) };
  return { apiVersion, kind: 'App', metadata, spec: spec(root, name, options, secrets) };
}

function spec(root: Section, name: string, options: ConvertOptions, secrets: SecretNames | undefined): AppSpecInput {
  const groups = readGroups(root);
  const volumes = mounts(root, groups);
  const own = { image: image(root, options.image), ...topKeys(root) };
  const scale = options.scale ? scales(options.scale, groups, own.primaryRegion, root.report) : new Map();
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
