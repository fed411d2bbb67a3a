import { reservedEnv, variableName } from '../api/app-rules.ts';
import { credentialRemark } from './credentials.ts';
import type { MachineContext } from './machine-context.ts';
import type { Section } from './section.ts';

/**
 * `env` of a machine or a container. What flyctl writes into it, and Airfield sets in every machine, is left out, as is
 * what is in `known` with the same value.
 */
export function machineEnv(
  owner: Section,
  { app, secrets }: MachineContext,
  known: Readonly<Record<string, string>> = {},
): Record<string, string> | undefined {
  const section = owner.section('env');
  const entries = (section?.keys() ?? []).flatMap((name): [string, string][] => {
    const value = section?.string(name) ?? '';
    const isPrimary = name === 'PRIMARY_REGION' && value === app.spec.primaryRegion;
    const isThere = isPrimary || (Object.hasOwn(known, name) && known[name] === value);
    if (isThere || reservedEnv.some((reserved) => reserved === name)) return [];
    if (!variableName.test(name) || value.includes('\0'))
      section?.wrong(name, 'cannot be a variable: its name or value has characters that none can have');
    const remark = secrets?.has(name) ? undefined : credentialRemark(name, value, app.metadata.name);
    if (remark) section?.warn('credential', name, remark);
    return [[name, value]];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
