import { literal, word } from './words.ts';

/**
 * What all http routes do with a request, once for all of them. A client says nothing of itself in the fields that the
 * gate sets; the spellings with `_` go too, because many servers cannot tell them apart (CGI).
 */
const spoofed =
  '^(fly[-_](client[-_]ip|forwarded[-_]port|region|request[-_]id|preferred[-_].*)|x[-_]forwarded[-_](for|port|proto|ssl))$';

/** Headers with which a client chooses the machine: what follows `fly-`. */
const chosen = ['force-instance-id', 'prefer-instance-id', 'force-region', 'prefer-region'];

/**
 * Bytes that sort by time, in letters that a ULID has too: 11 hexadecimal digits of milliseconds and 15 of chance. Made by
 * HAProxy itself: in Lua it would cost each request several times as much.
 */
const requestId = '%[date(0,ms),hex,bytes(5,11)]%[uuid,bytes(24,12),upper]%[uuid,bytes(24,3),upper]';

export function httpFrontends(region: string, trusted: readonly string[]): string[] {
  return [
    'defaults http-frontend',
    '  mode http',
    // HAProxy 2.6 sees that a client has gone while it waits only if its listener wants that, too. `frontend` does not take it.
    '  option abortonclose',
    '  option idle-close-on-response',
    '  timeout http-keep-alive 60s',
    `  unique-id-format ${requestId}-${region.replaceAll('%', '%%')}`,
    ...(trusted.length > 0 ? fromIngress(trusted) : fromAnybody),
    '  http-request set-header Fly-Client-IP %[var(txn.client)]',
    '  http-request set-header Fly-Request-Id %[unique-id]',
    `  http-request set-header Fly-Region ${literal(region)}`,
    '  http-request set-header X-Forwarded-Proto %[var(txn.scheme)]',
    '  http-request set-header X-Forwarded-SSL on if { var(txn.scheme) -m str https }',
    '  http-request set-header X-Forwarded-SSL off unless { var(txn.scheme) -m str https }',
    '  http-request add-header Via "%[req.ver] airfield"',
  ];
}

const fromAnybody = [
  `  http-request del-header ${word(spoofed)} -m reg`,
  '  http-request set-var(txn.client) src',
  '  http-request set-var(txn.scheme) ssl_fc,iif(https,http)',
  '  http-request set-header X-Forwarded-For %[src]',
];

/** The last address is the one that the ingress itself has seen; those before it are what the client wrote. */
function fromIngress(trusted: readonly string[]): string[] {
  return [
    ...trusted.map((network) => `  acl trusted src ${word(network)}`),
    '  http-request set-var(txn.client) src',
    '  http-request set-var(txn.client) req.hdr_ip(x-forwarded-for,-1) if trusted { req.hdr_ip(x-forwarded-for,-1) -m found }',
    '  http-request set-var(txn.scheme) ssl_fc,iif(https,http)',
    '  http-request set-var(txn.scheme) str(https) if trusted { req.fhdr(x-forwarded-proto) -i https }',
    '  http-request set-var(txn.service_port) req.hdr(x-forwarded-port,-1) if trusted { req.hdr_val(x-forwarded-port,-1) 1:65535 }',
    '  http-request set-var(txn.for) req.fhdr(x-forwarded-for) if trusted',
    `  http-request del-header ${word(spoofed)} -m reg`,
    '  http-request set-header X-Forwarded-For "%[var(txn.for)], %[src]" if { var(txn.for) -m found }',
    '  http-request set-header X-Forwarded-For %[src] unless { var(txn.for) -m found }',
  ];
}

const unavailable = '"no machine of this App can be reached: try again\\n"';

/**
 * `hold` waits without asking for anything of the client, so protocols in which the server speaks first wait as well.
 * Sending a request again whose answer never came (`retry-on empty-response`) would keep a copy of each, for a fifth of
 * the throughput; instead a kept connection is only used for clients that can repeat a request (`http-reuse safe`).
 */
export const httpBackends = [
  'defaults http-backend',
  '  mode http',
  '  balance leastconn',
  '  option abortonclose',
  '  option redispatch 1',
  '  retries 3',
  '  timeout connect 3s',
  `  http-error status 503 content-type text/plain string ${unavailable} hdr Retry-After 5`,
  // First of all: who has to come by https again wakes nobody.
  '  http-request redirect scheme https code 301 if { var(txn.only_https) -m bool } !{ var(txn.scheme) -m str https }',
  '  http-request lua.hold if { nbsrv eq 0 }',
  `  http-request lua.choose if ${chosen.map((name) => `{ req.hdr(fly-${name}) -m found }`).join(' or ')}`,
  '  http-request return status 503 content-type text/plain hdr Retry-After 5 lf-string "%[var(txn.refused)]\\n" if { var(txn.refused) -m found }',
  '  http-request set-dst var(txn.address) if { var(txn.address) -m found }',
  '  http-request set-dst-port var(txn.port) if { var(txn.address) -m found }',
  '  http-request set-header X-Forwarded-Port %[var(txn.service_port)]',
  '  http-request set-header Fly-Forwarded-Port %[var(txn.service_port)]',
];

/** An idle connection may stay as long as both sides are there, which keep-alive packets find out. */
export const tcpFrontends = ['defaults tcp-frontend', '  mode tcp', '  option clitcpka', '  timeout client 24d'];

export const tcpBackends = [
  'defaults tcp-backend',
  '  mode tcp',
  '  balance leastconn',
  '  option srvtcpka',
  '  option redispatch 1',
  '  retries 3',
  '  timeout connect 3s',
  '  timeout server 24d',
  '  tcp-request inspect-delay 24d',
  '  tcp-request content lua.hold if { nbsrv eq 0 }',
  '  tcp-request content reject if { var(txn.refused) -m found }',
  '  tcp-request content set-dst var(txn.address) if { var(txn.address) -m found }',
  '  tcp-request content set-dst-port var(txn.port) if { var(txn.address) -m found }',
];
