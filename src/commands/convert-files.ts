import type { Manifest } from '../toml/manifest.ts';
import { printReport, type ReportFormat } from './conversion.ts';
import { type ConversionFlags, conversionsOf, type Outcome } from './conversions.ts';
import { type Sealer, type SecretFlags, sealerFor } from './convert-secret.ts';
import { inputsOf, isFolder } from './inputs.ts';
import { failed } from './messages.ts';

export interface Flags extends ConversionFlags, SecretFlags {
  readonly output: 'yaml' | 'json';
  readonly report: ReportFormat;
}

/** Prints the resources that files become, and what is to be said about them. Returns the exit code. */
export async function convertFiles(paths: readonly string[], flags: Flags): Promise<0 | 1 | 2> {
  const files = [...paths, ...flags.overlay, ...flags.patch, flags.secrets, flags.machines];
  if (files.filter((path) => path === '-').length > 1) return failed('standard input can be read once: name - once');
  const isMany = paths.length > 1 || (await isFolder(paths[0] ?? ''));
  const inputs = await inputsOf(paths);
  const ofOne = forOne.find((flag) => flags[flag] !== undefined && inputs.length > 1);
  if (ofOne) return failed(`--${ofOne} is for one file, and there are ${inputs.length}`);
  const sealer = await sealerFor(flags).catch((error: Error) => error);
  if (sealer instanceof Error) return failed(sealer.message);
  const namespace = sealer?.namespace ?? flags.namespace;
  const outcome = await conversionsOf(inputs, { ...flags, ...(namespace !== undefined && { namespace }) });
  const manifests = await manifestsOf(outcome, sealer).catch((error: Error) => error);
  if (manifests instanceof Error) return failed(manifests.message);
  await printReport('', outcome, flags.report);
  await print(manifests, isMany || manifests.length > 1, flags);
  return outcome.isComplete ? 0 : 1;
}

const forOne = ['name', 'count', 'region', 'secrets', 'machines'] as const;

/** What others need comes first. */
async function manifestsOf({ apps, beside }: Outcome, sealer: Sealer | undefined): Promise<readonly Manifest[]> {
  const [app] = apps;
  if (!app || !beside) return apps;
  const secret = sealer && beside.secrets?.size ? [await sealer.secretOf(app, beside.secrets)] : [];
  return [...secret, ...apps, ...(beside.resources ?? [])];
}

/** Several resources are documents of YAML, or a List of JSON, as kubectl reads them. */
async function print(manifests: readonly Manifest[], isMany: boolean, { output }: Flags): Promise<void> {
  if (manifests.length === 0) return;
  if (output === 'json') {
    const [first] = manifests;
    const whole = isMany ? { apiVersion: 'v1', kind: 'List', items: manifests } : first;
    process.stdout.write(`${JSON.stringify(whole, null, 2)}\n`);
    return;
  }
  const { renderYaml } = await import('../toml/render.ts');
  process.stdout.write(manifests.map((manifest) => renderYaml(manifest)).join('---\n'));
}
