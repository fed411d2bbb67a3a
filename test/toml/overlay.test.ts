import { describe, expect, it } from 'vitest';
import { convert } from '../../src/toml/convert.ts';
import { overlay } from '../../src/toml/overlay.ts';
import { parseToml } from '../../src/toml/parse.ts';
import { problemLine } from '../../src/toml/report-text.ts';

function merged(base: string, ...overlays: string[]) {
  const files = overlays.map((text, index) => ({ file: `${index}.toml`, document: parseToml(text) }));
  return overlay(parseToml(base), files);
}

const rootOf = (...texts: [string, ...string[]]) => JSON.parse(JSON.stringify(merged(...texts).root));

describe('an overlay', () => {
  it('merges tables and replaces values, in the case that the file has', () => {
    expect(rootOf('app = "a"\n[env]\nA = "1"\nB = "1"', 'APP = "b"\n[env]\nB = "2"\nb = "3"')).toEqual({
      app: 'b',
      env: { A: '1', B: '2', b: '3' },
    });
  });

  it('goes before those in front of it', () => {
    expect(rootOf('app = "a"', 'app = "b"\nkill_timeout = 1', 'app = "c"')).toEqual({ app: 'c', kill_timeout: 1 });
  });

  it.each([
    ['services by internal port and protocol', 'services', 'internal_port = 1', 'internal_port = 1\nprotocol = "udp"'],
    ['mounts by source', 'mounts', 'source = "a"', 'source = "b"'],
    ['files by path', 'files', 'guest_path = "/a"', 'guest_path = "/b"'],
    ['process groups by name', 'processes', 'name = "a"', 'name = "b"'],
    ['sizes by process groups', 'vm', 'processes = ["a", "b"]', 'processes = ["b"]'],
    ['restart policies by process groups', 'restart', '', 'processes = ["a"]'],
    ['metrics by process groups', 'metrics', 'processes = "a"', 'processes = "b"'],
  ])('merges %s', (_, list, one, other) => {
    const base = `[[${list}]]\n${one}\nx = 1\n[[${list}]]\n${other}\nx = 2\n`;
    const { [list]: items } = rootOf(base, `[[${list}]]\n${one}\nx = 3\n`);
    expect(items.map(({ x }: { x: number }) => x)).toEqual([3, 2]);
    const { [list]: all } = rootOf(`[[${list}]]\n${one}\nx = 1\n`, `[[${list}]]\n${other}\nx = 4\n`);
    expect(all.map(({ x }: { x: number }) => x)).toEqual([1, 4]);
  });

  it('merges the ports of a service by port', () => {
    const service = '[[services]]\ninternal_port = 1\n';
    const base = `${service}ports = [{ port = 80 }, { start_port = 1, end_port = 2 }]`;
    const over = `${service}ports = [{ port = "80", force_https = true }, { port = 90 }]`;
    expect(rootOf(base, over).services[0].ports).toEqual([
      { port: '80', force_https: true },
      { start_port: 1, end_port: 2 },
      { port: 90 },
    ]);
  });

  it('takes a single table for a list of one', () => {
    expect(rootOf('[mounts]\nsource = "a"\nx = 1', '[[mounts]]\nsource = "a"\nx = 2')).toEqual({
      mounts: [{ source: 'a', x: 2 }],
    });
    expect(rootOf('[[vm]]\ncpus = 1', '[vm]\nmemory = 1')).toEqual({ vm: [{ cpus: 1, memory: 1 }] });
  });

  it('replaces other lists', () => {
    expect(rootOf('[experimental]\ncmd = ["a", "b"]', '[experimental]\ncmd = ["c"]')).toEqual({
      experimental: { cmd: ['c'] },
    });
  });

  it.each(['http_service = false', '[http_service]', 'HTTP_SERVICE = {}'])('takes a table away with %s', (text) => {
    expect(rootOf('app = "a"\n[http_service]\ninternal_port = 1', text)).toEqual({ app: 'a' });
  });

  it('takes a list of tables away, and what is not there', () => {
    expect(rootOf('[[vm]]\ncpus = 1', 'vm = false\nmounts = false\nservices = []')).toEqual({ services: [] });
  });

  describe('with remove = true takes one element of a list away', () => {
    const service = '[[services]]\ninternal_port = 1\n';
    const ports = `${service}ports = [{ port = 80 }, { port = 443, handlers = ["tls"] }, { port = 90 }]\n`;

    it('and leaves the others', () => {
      const over = `${service}[[services.ports]]\nport = 443\nremove = true\n[[services.ports]]\nport = 90\nforce_https = true\n`;
      const { root, locator, problems } = merged(ports, over);
      expect(JSON.parse(JSON.stringify(root)).services[0].ports).toEqual([
        { port: 80 },
        { port: 90, force_https: true },
      ]);
      expect(locator.locate(['services', 0, 'ports', 1, 'force_https'])).toEqual({
        line: 8,
        column: 1,
        file: '0.toml',
      });
      expect(problems).toEqual([]);
    });

    it('also from a single table, and the list where it was the last', () => {
      expect(rootOf('app = "a"\n[mounts]\nsource = "a"', '[mounts]\nsource = "a"\nREMOVE = true')).toEqual({
        app: 'a',
      });
      expect(rootOf('[[vm]]\ncpus = 1\n[[vm]]\nprocesses = "b"', '[[vm]]\nremove = true')).toEqual({
        vm: [{ processes: 'b' }],
      });
    });

    it('or warns, so that a mistake in the name is seen', () => {
      const { app, problems } = convert(`app = "a"\nbuild.image = "x:1"\n${ports}`, {
        overlays: [{ file: 'o.toml', text: `${service}ports = [{ port = 8443, remove = true }]` }],
      });
      expect(app?.spec.services?.[0]?.ports).toHaveLength(3);
      expect(problems.map((problem) => problemLine('fly.toml', problem))).toEqual([
        'o.toml:3:10 warning AF014: [[services.ports]] with remove = true takes nothing away: there is none of its name',
      ]);
    });

    it('and is a key like any other that is not known elsewhere', () => {
      const { problems } = convert('app = "a"\nbuild.image = "x:1"\n[[vm]]\ncpus = 1\nremove = true');
      expect(problems.map(({ code, path }) => [code, path])).toEqual([['AF011', 'vm[0].remove']]);
    });
  });

  it('can still say false', () => {
    const base = '[http_service]\nauto_stop_machines = true';
    expect(rootOf(base, '[http_service]\nauto_stop_machines = false')).toEqual({
      http_service: { auto_stop_machines: false },
    });
  });

  it('can bring a table back that one in front of it took away', () => {
    const { root, locator } = merged('[http_service]\ninternal_port = 1', '[http_service]', '\n[http_service]\nx = 1');
    expect(root).toEqual({ http_service: { x: 1 } });
    expect(locator.locate(['http_service', 'internal_port'])).toEqual({ line: 2, column: 2, file: '1.toml' });
  });

  it.each([
    ['vm', 'processes = [{ toString = 1 }]'],
    ['mounts', 'source.valueOf = 1'],
    ['services', 'internal_port = []\nprotocol = {}'],
  ])('may have tables where the names of elements of [[%s]] should be', (list, text) => {
    const { [list]: items } = rootOf(`[[${list}]]\nx = 1`, `[[${list}]]\n${text}`);
    expect(items.length).toBeGreaterThan(0);
  });

  it('may use the names of what every object has', () => {
    const { root } = merged('app = "a"', '__proto__.x = 1\nconstructor.prototype.y = 2\n[env]\n__proto__ = "z"');
    expect(Object.keys(root)).toEqual(['app', '__proto__', 'constructor', 'env']);
    expect({}).not.toHaveProperty('x');
    expect({}).not.toHaveProperty('y');
  });
});

it('each message names the file that the value comes from, in the order of the files', () => {
  const base = 'app = "hello"\nbuild.image = "x:1"\n[http_service]\ninternal_port = 80\ncolour = 1\n[[vm]]\ncpus = 1\n';
  const staging = '# staging\n[[vm]]\ncpus = 9000\n[http_service]\nsky = 1\n';
  const overlays = [
    { file: 'fly.staging.toml', text: staging },
    { file: 'more.json', text: '{"http_service": {\n  "internal_port": 0}}' },
  ];
  const { app, problems } = convert(base, { overlays });
  expect(app).toBeUndefined();
  expect(problems.map((problem) => problemLine('fly.toml', problem).split(' ').slice(0, 5).join(' '))).toEqual([
    'fly.toml:5:1 warning AF011: [http_service] colour',
    'fly.staging.toml:3:1 error AF006: [[vm]] cpus',
    'fly.staging.toml:5:1 warning AF011: [http_service] sky',
    'more.json:2:3 error AF006: [http_service] internal_port',
  ]);
});

it('an overlay that cannot be read is an error of its place', () => {
  const { app, problems } = convert('app = "a"', { overlays: [{ file: 'o.toml', text: 'a = 1\nb\n' }] });
  expect(app).toBeUndefined();
  expect(problems).toMatchObject([{ code: 'AF001', file: 'o.toml', line: 2 }]);
});
