import { requestHeaderName } from '../api/header.ts';
import { goFormat } from './go-format.ts';
import { isTable } from './parse.ts';
import type { Section } from './section.ts';

type Headers = Record<string, string>;

/** What an http check sends: a table of headers, or the older list of tables with `name` and `value`. */
export function checkHeaders(section: Section): Headers | undefined {
  const value = section.value('headers');
  if (Array.isArray(value)) {
    return headersOf(
      section,
      section.sections('headers').map((header) => {
        const name = header.required('name', header.text('name'), '');
        return [name, goFormat(header.value('value') ?? '')];
      }),
    );
  }
  if (value !== undefined && !isTable(value))
    return section.wrong('headers', 'must be a table of names and values', 'wrongType');
  return headersOf(
    section,
    Object.entries(value ?? {}).map(([name, item]) => [name, goFormat(item)]),
  );
}

/** The same as a machine's config has it: `[{name, values}]`. */
export function machineCheckHeaders(section: Section): Headers | undefined {
  const all = section.sections('headers');
  return headersOf(
    section,
    all.map((header) => [header.text('name') ?? '', header.strings('values')?.join(', ') ?? '']),
  );
}

function headersOf(section: Section, pairs: readonly (readonly [string, string])[]): Headers | undefined {
  const wrong = pairs.find(([name]) => !requestHeaderName.test(name));
  if (wrong)
    return section.wrong(
      'headers',
      `cannot be sent: the name of a header has letters, digits and "-", not "${wrong[0]}"`,
    );
  return pairs.length > 0 ? Object.fromEntries(pairs) : undefined;
}
