import { reservedEnv, variableName } from '../api/app-rules.ts';
import { credentialRemark } from './credentials.ts';
import type { SecretNames } from './files.ts';
import { goFormat } from './go-format.ts';
import { TomlDate } from './parse.ts';
import type { Section } from './section.ts';

/** `[env]`, and the older `[[env]]`, of which the last one wins. Every value becomes a string, as flyctl does it. */
export function env(root: Section, app: string, secrets?: SecretNames): Record<string, string> | undefined {
  const variables = new Map<string, string>();
  const origins = new Map<string, Section>();
  const sections = root.sections('env');
  for (const section of sections) {
    for (const name of section.keys()) {
      const value = variable(section, name, root.text('primary_region'));
      origins.get(name)?.overridden(name, 'a later [[env]] has it too');
      origins.set(name, section);
      if (value === undefined) continue;
      variables.set(name, value);
      const remark = secrets?.has(name) ? undefined : credentialRemark(name, value, app);
      if (remark) section.warn('credential', name, remark);
    }
  }
  if (variables.size === 0) return undefined;
  return root.report.made(Object.fromEntries(variables), sections.at(-1)?.path ?? root.at('env'));
}

function variable(section: Section, name: string, primaryRegion: string | undefined): string | undefined {
  const value = section.value(name) ?? '';
  const text = goFormat(value);
  if (reservedEnv.some((reserved) => reserved === name)) {
    return void section.warn('reservedVariable', name, 'is left out: Airfield sets it in every machine, as Fly does');
  }
  if (name === 'PRIMARY_REGION' && primaryRegion !== undefined) {
    if (text !== primaryRegion)
      section.warn('reservedVariable', name, `is left out: primary_region sets it to ${primaryRegion}, as on Fly`);
    return undefined;
  }
  if (!variableName.test(name)) {
    return section.wrong(
      name,
      'cannot be a variable: use up to 253 letters, digits, `_`, `-` and `.`, and no digit at the beginning',
    );
  }
  if (text.includes('\0')) return section.wrong(name, 'has a character NUL, which no variable can have');
  if (value instanceof TomlDate)
    section.warn('dateVariable', name, `is a date, which Fly writes in its own way; write "${text}" in quotes`);
  return text;
}
