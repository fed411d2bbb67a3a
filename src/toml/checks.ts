import type { z } from 'zod';
import type { appCheckSchema, serviceCheckSchema } from '../api/check.ts';
import { seconds } from '../api/duration.ts';
import { checkHeaders } from './check-headers.ts';
import { becomes, labelOf } from './label.ts';
import { type Groups, processesOf } from './processes.ts';
import { given, type Section } from './section.ts';
import { durationOf } from './units.ts';

export type CheckInput = z.input<typeof serviceCheckSchema>;
type AppCheckInput = z.input<typeof appCheckSchema>;

const methods = {
  GET: 'GET',
  HEAD: 'HEAD',
  POST: 'POST',
  PUT: 'PUT',
  PATCH: 'PATCH',
  DELETE: 'DELETE',
  OPTIONS: 'OPTIONS',
} as const;
const httpKeys = ['path', 'method', 'protocol', 'headers', 'tls_skip_verify', 'tls_server_name'];

/** A check of a service. flyctl forgets the unit of numbers below [http_service], and only there. */
export function serviceCheck(section: Section, type: CheckInput['type'], isHttpService = false): CheckInput {
  return section.made({
    type,
    ...(type === 'http' ? httpFields(section) : {}),
    ...given({
      interval: durationOf(section, 'interval', 'milliseconds', isHttpService),
      timeout: durationOf(section, 'timeout', 'milliseconds', isHttpService),
      gracePeriod: durationOf(section, 'grace_period', 'milliseconds', isHttpService),
    }),
  });
}

/** `[checks.name]`, and the older `[[checks]]` with `name`. */
export function checks(root: Section, groups: Groups): AppCheckInput[] {
  const taken = new Set<string>();
  return named(root).flatMap(([name, section]) => {
    const label = labelOf(name);
    if (label !== name) section.report.warn('renamed', section.path, becomes(label));
    if (!label || taken.has(label))
      section.report.error('contradiction', section.path, `must have a name of its own, not "${label}"`);
    taken.add(label);
    return appCheck(section, label, groups, root.section('http_service'));
  });
}

function named(root: Section): [string, Section][] {
  const isArray = Array.isArray(root.value('checks'));
  return root.sections('checks').flatMap((section): [string, Section][] => {
    if (isArray) return [[section.required('name', section.text('name'), ''), section]];
    return section.keys().flatMap((name): [string, Section][] => {
      const check = section.section(name);
      if (!check && Array.isArray(section.value(name))) section.wrong(name, 'must be a table, not a list', 'wrongType');
      return check ? [[name, check]] : [];
    });
  });
}

function appCheck(section: Section, name: string, groups: Groups, http: Section | undefined): AppCheckInput[] {
  const type = section.text('type');
  if (type === 'script') {
    section.warnAll('notSupported', 'is not converted: an App has no checks by script; write an http or tcp check');
    return [];
  }
  const kind = section.required<CheckInput['type']>(
    'type',
    section.choice('type', { tcp: 'tcp', http: 'http' }),
    'tcp',
  );
  if (kind === 'tcp') {
    for (const key of httpKeys)
      if (section.has(key)) section.warn('noEffect', key, 'is not converted: a tcp check has none');
  }
  const port = section.port('port') ?? http?.port('internal_port');
  const check = serviceCheck(section, kind);
  refuseBeyond(section, check);
  return [section.made({ name, ...check, ...given({ port, processes: processesOf(section, groups) }) })];
}

/** flyctl refuses the same (internal/appconfig/validation.go); checks of services it moves to the bound. */
function refuseBeyond(section: Section, { interval, timeout }: CheckInput): void {
  if (interval && seconds(interval) < 2) section.wrong('interval', `must be at least "2s", not "${interval}"`);
  if (timeout && seconds(timeout) > 60) section.wrong('timeout', `may be at most "1m", not "${timeout}"`);
}

function httpFields(section: Section): Partial<CheckInput> {
  return given({
    path: section.text('path'),
    method: section.choice('method', methods),
    protocol: section.choice('protocol', { http: 'http', https: 'https' }),
    headers: checkHeaders(section),
    tlsSkipVerify: section.boolean('tls_skip_verify'),
    tlsServerName: section.text('tls_server_name'),
  });
}
