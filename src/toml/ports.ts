import type { z } from 'zod';
import { ofTheConnection, responseHeaderName } from '../api/header.ts';
import type { servicePortSchema } from '../api/service.ts';
import { isTable, type TomlTable, type TomlValue } from './parse.ts';
import { given, type Section } from './section.ts';

export type PortInput = z.input<typeof servicePortSchema>;
type Handler = NonNullable<PortInput['handlers']>[number];
type HttpOptions = NonNullable<PortInput['httpOptions']>;
type TlsOptions = NonNullable<PortInput['tlsOptions']>;

const handlerNames: Readonly<Record<string, Handler>> = {
  http: 'http',
  tls: 'tls',
  proxy_proto: 'proxyProto',
  pg_tls: 'pgTls',
  edge_http: 'edgeHttp',
};

/** `[[services.ports]]` */
export function servicePort(section: Section): PortInput {
  const ports = {
    port: section.port('port'),
    startPort: section.port('start_port'),
    endPort: section.port('end_port'),
  };
  refuseOddRange(section, ports);
  const handlers = handlersOf(section);
  const forceHttps = section.boolean('force_https');
  const isForced = forceHttps && handlers?.includes('http');
  if (forceHttps && !isForced)
    section.warn('noEffect', 'force_https', 'does nothing without the handler "http", and is left out');
  return section.made(
    given({
      ...ports,
      handlers,
      forceHttps: isForced || undefined,
      httpOptions: httpOptions(section),
      tlsOptions: tlsOptions(section),
      proxyProtoOptions: proxyProtoOptions(section),
    }),
  );
}

function refuseOddRange(
  section: Section,
  { port, startPort: start, endPort: end }: Pick<PortInput, 'port' | 'startPort' | 'endPort'>,
) {
  const hasRange = section.has('start_port') || section.has('end_port');
  if (section.has('port') && hasRange)
    section.wrong('port', 'stands beside start_port and end_port; write one or the other', 'contradiction');
  if (!section.has('port') && !hasRange) section.required('port', port, 0);
  if (!hasRange) return;
  section.required('start_port', start, 0);
  section.required('end_port', end, 0);
  if (start && end && end < start) section.wrong('end_port', `must not be below start_port (${start})`);
  if (start && end && end - start >= 100)
    section.wrong('end_port', 'must be less than 100 above start_port: an App has at most 100 ports in a range');
}

function handlersOf(section: Section): Handler[] | undefined {
  const handlers: Handler[] = [];
  for (const name of section.strings('handlers') ?? []) {
    const handler = Object.hasOwn(handlerNames, name) ? handlerNames[name] : undefined;
    if (!handler) return section.wrong('handlers', `must be of ${Object.keys(handlerNames).join(', ')}, not "${name}"`);
    if (!handlers.includes(handler)) handlers.push(handler);
  }
  return handlers.length > 0 ? handlers : undefined;
}

/** `http_options` of a port or of `[http_service]`. */
export function httpOptions(section: Section): HttpOptions | undefined {
  const options = section.section('http_options');
  return options?.made(
    given({
      compress: options.boolean('compress'),
      h2Backend: options.boolean('h2_backend'),
      idleTimeout: secondsOf(options, 'idle_timeout'),
      headersReadTimeout: secondsOf(options, 'headers_read_timeout'),
      response: response(options),
    }),
  );
}

function secondsOf(section: Section, key: string): string | undefined {
  const amount = section.integer(key, { min: 0, max: 2 ** 32 - 1 });
  return amount === undefined ? undefined : `${amount}s`;
}

function response(options: Section): HttpOptions['response'] {
  const section = options.section('response');
  if (!section) return undefined;
  const value = section.value('headers');
  if (value !== undefined && !isTable(value))
    section.wrong('headers', 'must be a table of names and values', 'wrongType');
  return section.made(
    given({
      headers: isTable(value) ? responseHeaders(section, value) : undefined,
      pristine: section.boolean('pristine'),
    }),
  );
}

/** A header is one text or several; `false` removes it, which an App writes as an empty list. */
function responseHeaders(section: Section, headers: TomlTable): Record<string, string[]> {
  const texts = (value: TomlValue): string[] | undefined => {
    if (value === false) return [];
    const list = typeof value === 'string' ? [value] : value;
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : undefined;
  };
  const entries = Object.entries(headers).map(([name, value]): [string, string[]] => {
    const list = texts(value);
    const wrong = (error: 'wrongType' | 'wrongValue', message: string) =>
      section.report.error(error, [...section.at('headers'), name], message);
    if (!list) wrong('wrongType', 'must be a string, a list of strings, or false');
    if (!responseHeaderName.test(name)) wrong('wrongValue', 'cannot be a header: use letters, digits and dashes');
    if (ofTheConnection.test(name)) wrong('wrongValue', 'belongs to the connection and cannot be changed: remove it');
    return [name, list ?? []];
  });
  return Object.fromEntries(entries);
}

/** `tls_options` of a port or of `[http_service]`. */
export function tlsOptions(section: Section): TlsOptions | undefined {
  const options = section.section('tls_options');
  return options?.made(
    given({
      alpn: listOf(options, 'alpn', ['h2', 'http/1.1']),
      versions: listOf(options, 'versions', ['TLSv1.2', 'TLSv1.3']),
      defaultSelfSigned: options.boolean('default_self_signed'),
    }),
  );
}

function listOf<T extends string>(section: Section, key: string, words: readonly T[]): T[] | undefined {
  const found = section.strings(key)?.map((word) => words.find((known) => known === word));
  if (found?.includes(undefined)) return section.wrong(key, `must be of ${words.join(', ')}`);
  return found?.filter((word) => word !== undefined);
}

function proxyProtoOptions(section: Section): PortInput['proxyProtoOptions'] {
  const options = section.section('proxy_proto_options');
  return options?.made({ version: options.choice('version', { v1: 'v1', v2: 'v2' }) ?? 'v1' });
}
