import { type AppSpecInput, appSpecSchema } from '../api/app.ts';
import { type Path, pathText } from './path.ts';
import type { Report } from './report.ts';

/** What the schema of the App refuses and no section has noticed, at the key that it comes from. */
export function checkSchema(report: Report, spec: AppSpecInput): void {
  for (const { path, message } of appSpecSchema.safeParse(spec).error?.issues ?? []) {
    const fields = path.map((part) => (typeof part === 'symbol' ? part.toString() : part));
    report.fail('refused', originOf(report, spec, fields), `spec.${pathText(fields)} of the App: ${message}`);
  }
}

/** A remark on a field of the App: `spec.services[0].autoStop`. */
export interface FieldNote {
  readonly field: string;
  readonly message: string;
}

export function noteFields(report: Report, spec: AppSpecInput, notes: readonly FieldNote[]): void {
  for (const { field, message } of notes) {
    const fields = field.match(/[^.[\]]+/g)?.map((part) => (/^\d+$/.test(part) ? Number(part) : part)) ?? [];
    report.note('notActedOn', originOf(report, spec, fields.slice(1)), `${field} ${message}`);
  }
}

function originOf(report: Report, spec: object, fields: Path): Path {
  let [part, origin, rest]: [unknown, Path, Path] = [spec, [], fields];
  fields.forEach((field, index) => {
    part = (part as Record<string | number, unknown> | undefined)?.[field];
    const found = typeof part === 'object' && part !== null ? report.originsOf(part)[0] : undefined;
    if (found) [origin, rest] = [found, fields.slice(index + 1)];
  });
  const [field] = rest;
  if (typeof field !== 'string') return origin;
  const written = [...origin, field];
  return report.wasRead(written)
    ? written
    : [...origin, field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
}
