import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Route, routeSchema } from '../../src/api/route.ts';
import { haproxyConfig } from '../../src/gate/config.ts';
import { ConfigFolder } from '../../src/gate/config-files.ts';
import { holdLua } from '../../src/gate/hold-lua.ts';
import { withOwnClaims } from '../../src/gate/route-claims.ts';
import { routeName } from '../../src/gate/route-name.ts';
import { selfSigned } from '../../src/gate/self-signed.ts';
import { paths } from '../../src/gate/settings.ts';
import { run } from '../cluster/exec.ts';
import { certificate } from './certificates.ts';
import { ensureHaproxy } from './haproxy-installed.ts';

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
const port = fc.integer({ min: 1024, max: 65_535 });
const visible = fc.string({ unit: fc.constantFrom(...` \t'"\\$%#{}[]()|&;<>*?!~\`^@=+,.:/-_aZ0`), maxLength: 60 });
const hostile = fc.oneof(
  visible,
  fc.constantFrom("'; bind *:1 #", '"%[env(PATH)]"', '$(x) $HOME', '%%[src]', '%[src]', "it's", '\\', 'a\\'),
);
const tokens = fc.constantFrom(
  'X-A',
  "x'y",
  'x%5By',
  'x%y',
  'x$y',
  'x`y',
  'x|y',
  'x#y',
  '-m',
  'if',
  'Set-Cookie',
  'server',
  'via',
);
const time = fc.constantFrom('0s', '1ns', '250ms', '60s', '1h', '999999h');

const host = fc.oneof(
  fc.stringMatching(/^(\*\.)?[a-z0-9]([-a-z0-9]{0,9}[a-z0-9])?\.(example|test)$/),
  fc.constantFrom(
    'a.example',
    '*.example',
    `${'a'.repeat(63)}.example`,
    `${'a.'.repeat(120)}example`,
    'localhost',
    'x y',
    "'",
  ),
);
const tls = fc.record(
  {
    alpn: fc.subarray(['h2', 'http/1.1']),
    versions: fc.subarray(['TLSv1.2', 'TLSv1.3']),
    selfSigned: fc.boolean(),
  },
  { requiredKeys: [] },
);

const routes: fc.Arbitrary<Route> = fc
  .record(
    {
      namespace: label,
      app: label,
      listenPort: port,
      hosts: fc.array(host, { maxLength: 5 }),
      port: fc.oneof(fc.constantFrom(80, 443), port),
      internalPort: port,
      mode: fc.constant('http'),
      tls,
      http: fc.record(
        {
          forceHttps: fc.boolean(),
          compress: fc.boolean(),
          h2Backend: fc.boolean(),
          pristine: fc.boolean(),
          idleTimeout: time,
          headersReadTimeout: time,
          responseHeaders: fc.dictionary(tokens, fc.array(hostile, { maxLength: 3 }), { maxKeys: 5 }),
        },
        { requiredKeys: [] },
      ),
      proxyProtocol: fc.constantFrom('v1', 'v2'),
      concurrency: fc.record(
        { type: fc.constantFrom('requests', 'connections'), hardLimit: port },
        { requiredKeys: [] },
      ),
      autoStart: fc.boolean(),
      hold: fc.record({ number: fc.nat(1000), time }, { requiredKeys: [] }),
    },
    { requiredKeys: ['namespace', 'app', 'port', 'internalPort', 'mode'] },
  )
  .chain((fields) => fc.constantFrom(fields, { ...fields, mode: 'tcp', http: {} }))
  .map((fields) => routeSchema.safeParse(fields).data)
  .filter((route) => route !== undefined);

const settings = (directory: string) => ({
  directory,
  region: 'fra',
  addresses: ['127.0.0.1'],
  trustedNetworks: ['10.0.0.0/8'],
  acceptProxy: ['10.1.0.0/16', 'fd00::/8'],
  edgeHttp: 20_080,
  edgeHttps: 20_443,
});
const servers = () => [{ name: 'm-1.x', address: 'fd00::1', leaving: false }];
const self = selfSigned(new Date());
const served = (routes: readonly Route[]) => ({ routes, servers, certificates: [], selfSigned: () => self });

/** Kinds of lines: the first words of each, without what a route says. */
const kindOf = (line: string) => /^ *((http-(request|response|after-response) )?\S+)/.exec(line)?.[1];

async function check(routes: readonly Route[]): Promise<void> {
  await ensureHaproxy();
  const directory = mkdtempSync(join(tmpdir(), 'gate-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const { lua, config, hold } = paths({ directory });
  const certificates = [await certificate('*.example'), await certificate('a.example', 'b.test')];
  const { text, files } = haproxyConfig(settings(directory), { ...served(routes), certificates });
  await new ConfigFolder(directory).write(files);
  writeFileSync(lua, holdLua(hold));
  writeFileSync(config, text(1));
  expect(await run('haproxy', ['-c', '-f', config])).toBe('Configuration file is valid\n');
}

describe('the configuration', () => {
  it('is accepted by HAProxy, whatever the routes say', async () => {
    const many = fc.sample(routes, { numRuns: 300, seed: 1 });
    const { served } = withOwnClaims(many);
    expect(served.length).toBeGreaterThan(200);
    await check(served);
  });

  it('has no line that does not come from the gate', () => {
    const plain = routeSchema.parse({
      namespace: 'a',
      app: 'a',
      listenPort: 2000,
      port: 80,
      internalPort: 80,
      mode: 'http',
    });
    // With all that the edge can have.
    const edged = { ...plain, mode: 'tcp' as const, port: 443, tls: {}, hosts: ['edge.test'] };
    const edge = routeSchema.parse({ ...edged, listenPort: undefined });
    fc.assert(
      fc.property(routes, (route) => {
        const text = (all: readonly Route[]) => haproxyConfig(settings('/gate'), served([edge, ...all])).text(1);
        const lines = text([route])
          .split('\n')
          .slice(text([]).split('\n').length - 1);
        expect(lines.filter((line) => /^\S/.test(line))).toEqual([
          ...(route.listenPort ? [`frontend ${routeName(route)} from ${route.mode}-frontend`] : []),
          `backend ${routeName(route)} from ${route.mode}-backend`,
          ...(route.concurrency.hardLimit ? [`frontend handover:${routeName(route)} from handover`] : []),
        ]);
        const allowed =
          /^(mode|bind|timeout|default_backend|option|compression|server|use-server|http-reuse|frontend|backend|tcp-request|http-(request (set-var\S+|set-timeout|return)|response (set|add|del)-header|after-response (set|add)-header))$/;
        for (const line of lines.filter(Boolean)) expect(kindOf(line)).toMatch(allowed);
        for (const line of lines) expect(outsideQuotes(line)).not.toMatch(/[$"#](?!\{)/);
      }),
      { examples: [[plain]] },
    );
  });

  it('gives each route only its own port', () => {
    const route = fc.sample(routes, { numRuns: 1, seed: 2 })[0]!;
    const { served, problems } = withOwnClaims([route, { ...route, app: 'other' }]);
    expect(served).toEqual([route]);
    expect(problems).toHaveLength(1);
  });
});

describe('a route that is not what it should be', () => {
  const good = { namespace: 'acme', app: 'web', listenPort: 2000, port: 80, internalPort: 8080, mode: 'http' };
  const value = (text: string) => ({ http: { responseHeaders: { 'X-A': [text] } } });
  const name = (text: string) => ({ http: { responseHeaders: { [text]: ['a'] } } });

  it.each([
    ['an app with a line break', { app: 'web\nbackend x' }],
    ['an app with a blank', { app: 'a b' }],
    ['an app with a dot', { app: 'a.b' }],
    ['a namespace with a quote', { namespace: "a'" }],
    ['a port as text', { listenPort: '80 accept-proxy' }],
    ['a port that is none', { internalPort: 0 }],
    ['a line break in a value', value('a\nb')],
    ['a carriage return in a value', value('a\rb')],
    ['a zero byte in a value', value('a\0b')],
    ['letters beyond ASCII in a value', value('ü')],
    ['an empty value', value('')],
    ['a value that is too long', value('a'.repeat(5000))],
    ['a blank in a header name', name('a b')],
    ['a line break in a header name', name('a\nb')],
    ['a header name in quotes', name('"a"')],
    ['a header of the connection', name('Transfer-Encoding')],
    ['a duration with more in it', { http: { idleTimeout: '1s\n  bind :1' } }],
    ['another mode', { mode: 'health' }],
    ['a field that there is not', { server: 'x' }],
    ['http options of a tcp route', { mode: 'tcp', http: { forceHttps: true } }],
    ['no port of its own and no hosts', { listenPort: undefined }],
    ['no port of its own, and one that the edge has not', { listenPort: undefined, hosts: ['a.example'], port: 8080 }],
    ['no port of its own, and https without tls', { listenPort: undefined, hosts: ['a.example'], port: 443 }],
    ['a host in upper case', { hosts: ['A.example'] }],
    ['a host with a line break', { hosts: ['a.example\nhttps://b.example acme.b.1'] }],
    ['a host with a blank', { hosts: ['a.example acme.b.1'] }],
    ['a host with a dot at its end', { hosts: ['a.example.'] }],
    ['a host with a port', { hosts: ['a.example:80'] }],
    ['a host with a star in the middle', { hosts: ['a.*.example'] }],
    ['any host', { hosts: ['*'] }],
    ['an address as a host', { hosts: ['10.0.0.1'] }],
    ['a label of 64 letters', { hosts: [`${'a'.repeat(64)}.example`] }],
    ['an old version of TLS', { tls: { versions: ['TLSv1.1'] } }],
    ['a protocol that the gate does not speak', { tls: { alpn: ['h3'] } }],
    ['too many machines to hold for', { hold: { number: 1e9 } }],
  ])('is refused: %s', (_, fields) => {
    expect(routeSchema.safeParse(good).success).toBe(true);
    expect(routeSchema.safeParse({ ...good, ...fields }).success).toBe(false);
  });
});

/** What is left of a line when its quoted words are taken out. */
function outsideQuotes(line: string): string {
  return line.replace(/'[^']*'|"[^"]*"|\\./g, '');
}
