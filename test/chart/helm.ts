import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ensureBinaries } from '../cluster/binaries.ts';
import { CommandError, type RunOptions, run } from '../cluster/exec.ts';
import type { RestrictedPod } from './restricted.ts';

export const chart = join(import.meta.dirname, '..', '..', 'charts', 'airfield');

const folder = join(import.meta.dirname, 'values');
/** Names of the values files that the chart must take. */
export const valuesFiles = readdirSync(folder).map((file) => file.replace('.yaml', ''));
export const pathOfValues = (name: string): string => join(folder, `${name}.yaml`);

/** Time in which Helm may have to be built from source. */
export const buildTimeoutMs = 1_200_000;

/** Helm without anything that the person has configured. */
export async function helm(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { helm: program } = await ensureBinaries(['helm']);
  return run(program, args, { timeout: 300_000, ...options });
}

interface PodSpec extends RestrictedPod {
  readonly containers: readonly Container[];
}

/** An object of Kubernetes, with what tests look at. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Record<string, string>;
  };
  readonly spec?: { readonly template?: { readonly spec: PodSpec } };
  readonly rules?: readonly object[];
  readonly data?: Readonly<Record<string, string>>;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
}

/** The pods that these objects are or make. */
export const podsOf = (objects: readonly Manifest[]): PodSpec[] =>
  objects
    .filter(({ kind }) => kind === 'Deployment' || kind === 'Pod')
    .map(({ spec }) => spec?.template?.spec ?? (spec as unknown as PodSpec));

/** What the chart makes of a values file, in the namespace `airfield-system`, but for its tests. */
export const renderText = (name: string, ...options: string[]): Promise<string> =>
  helm(['template', 'airfield', chart, '--namespace', 'airfield-system', '--values', pathOfValues(name), ...options]);

export async function render(name: string, ...options: string[]): Promise<Manifest[]> {
  const documents = parseAllDocuments(await renderText(name, ...options));
  return documents.map((document) => document.toJS() as Manifest | null).filter((object) => object !== null);
}

/** What Helm says to a value that should be refused. */
export async function refusal(...options: string[]): Promise<string> {
  const outcome = await renderText('defaults', ...options).then(
    () => new Error(`accepted: ${options.join(' ')}`),
    (error: unknown) => error,
  );
  if (outcome instanceof CommandError) return outcome.message;
  throw outcome;
}
