import type { AppManifest } from '../toml/convert.ts';
import { printReport, type ReportFormat } from './conversion.ts';
import { type ConversionFlags, conversionsOf } from './conversions.ts';
import { inputsOf, isFolder } from './inputs.ts';
import { failed } from './messages.ts';

export interface Flags extends ConversionFlags {
  readonly output: 'yaml' | 'json';
  readonly report: ReportFormat;
}

/** Prints the Apps of files, and what is to be said about them. Returns the exit code. */
export async function convertFiles(paths: readonly string[], flags: Flags): Promise<0 | 1 | 2> {
  if ([...paths, ...flags.overlay, ...flags.patch].filter((path) => path === '-').length > 1)
    return failed('standard input can be read once: name - once');
  const isMany = paths.length > 1 || (await isFolder(paths[0] ?? ''));
  const inputs = await inputsOf(paths);
  const ofOne = (['name', 'count', 'region'] as const).find((flag) => flags[flag] !== undefined && inputs.length > 1);
  if (ofOne) return failed(`--${ofOne} is for one file, and there are ${inputs.length}`);
  const { apps, problems, sources, isComplete } = await conversionsOf(inputs, flags);
  await printReport('', { problems, sources }, flags.report);
  await print(apps, isMany, flags);
  return isComplete ? 0 : 1;
}

/** Several Apps are documents of YAML, or a List of JSON, as kubectl reads them. */
async function print(apps: readonly AppManifest[], isMany: boolean, { output }: Flags): Promise<void> {
  if (apps.length === 0) return;
  if (output === 'json') {
    const [first] = apps;
    const whole = isMany ? { apiVersion: 'v1', kind: 'List', items: apps } : first;
    process.stdout.write(`${JSON.stringify(whole, null, 2)}\n`);
    return;
  }
  const { renderYaml } = await import('../toml/render.ts');
  process.stdout.write(apps.map((app) => renderYaml(app)).join('---\n'));
}
