import { word } from './words.ts';

/** What the sections say that all listeners of a mode are made from. Nothing, where there is no access log. */
export interface AccessLog {
  readonly http: readonly string[];
  readonly tcp: readonly string[];
}

/** When it is written. HAProxy 2.6 has no format of milliseconds; `lower` makes text of the number. */
const time = '%[date,utime(%Y-%m-%dT%H:%M:%S)].%[date(0,ms),mod(1000),add(1000),lower,bytes(1,3)]Z';

/** No name of a route has a dot or a quote in its parts (route-name.ts). `-`: it was not clear yet which route is meant. */
const route = { time, namespace: '%[be_name,field(1,.)]', app: '%[be_name,field(2,.)]', route: '%b' };
/** How it ended: https://docs.haproxy.org/2.6/configuration.html#8.5 */
const machine = { machine: '%s', ended: '%ts' };

/** Numbers; -1 where it has not come so far. */
const bytes = { sent: '%B', received: '%U' };
const times = { queueMs: '%Tw', connectMs: '%Tc' };

/** Before the App and its machine can do anything with it, and short enough for a pipe to take a line as a whole. */
const kept = [
  ['method', 'method,bytes(0,32)'],
  ['host', 'req.fhdr(host),bytes(0,255)'],
  ['path', 'path,bytes(0,1024)'],
] as const;
const keptName = (name: string) => `txn.log_${name}`;
const keptValues = Object.fromEntries(kept.map(([name]) => [name, `%[var(${keptName(name)})]`]));

const httpLine = {
  strings: { access: 'http', ...route, client: '%[var(txn.client)]', ...keptValues, ...machine, requestId: '%ID' },
  numbers: { status: '%ST', ...bytes, ...times, responseMs: '%Tr', totalMs: '%Ta' },
};
const tcpLine = {
  strings: { access: 'tcp', ...route, client: '%[src]', ...machine },
  numbers: { ...bytes, ...times, totalMs: '%Tt' },
};
/** What never became a request: a handshake of TLS that fails, a wrong header of the PROXY protocol, or no HTTP at all. */
const errorLine = {
  strings: {
    access: 'error',
    time,
    listener: '%f',
    client: '%[src]',
    error: '%[fc_err_str,json(utf8s)]',
    ended: '%ts',
  },
  numbers: { status: '%ST' },
};

/**
 * A line of JSON for each request and connection. HAProxy writes about itself in the same place, in plain text and as
 * warnings, so what is asked for is said to be worse than that.
 */
export function accessLog(isOn: boolean): AccessLog {
  if (!isOn) return { http: [], tcp: [] };
  const keep = kept.map(([name, value]) => `http-request set-var(${keptName(name)}) ${value},json(utf8s)`);
  return {
    http: [...logged(httpLine), 'option dontlognull', 'http-request set-log-level err', ...keep].map(indented),
    tcp: [...logged(tcpLine), 'tcp-request content set-log-level err'].map(indented),
  };
}

interface Line {
  readonly strings: Readonly<Record<string, string>>;
  readonly numbers: Readonly<Record<string, string>>;
}

const logged = (line: Line) => [
  'log stdout len 8192 format raw local0 err',
  'option log-separate-errors',
  `log-format ${word(json(line))}`,
  `error-log-format ${word(json(errorLine))}`,
];

function json({ strings, numbers }: Line): string {
  const quoted = Object.entries(strings).map(([name, value]) => `"${name}":"${value}"`);
  return `{${[...quoted, ...Object.entries(numbers).map(([name, value]) => `"${name}":${value}`)].join(',')}}`;
}

const indented = (line: string) => `  ${line}`;
