import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { explain } from '../../src/commands/explain-key.ts';
import { painted } from '../../src/commands/terminal.ts';
import { innerKeys, isInside } from '../../src/toml/inner-keys.ts';
import { keys } from '../../src/toml/keys.ts';

// Some cases start a process, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const handlers = `services[].ports[].handlers
  converted to spec.services[].ports[].handlers

  [[services.ports]]
  handlers = ["http"]
`;

describe('what becomes of a key', () => {
  it.each([
    'services.ports.handlers',
    'services[].ports[].handlers',
    'services[0].ports[12].handlers',
    'Services.Ports.HANDLERS',
    '[[services.ports]] handlers',
  ])('is found as %s', (written) => {
    expect(explain(written)).toEqual({ isKnown: true, text: handlers });
  });

  it.each([
    ['http_service.internal_port', 'converted to spec.services[].internalPort; required'],
    ['mounts.initial_size', 'converted approximately to spec.mounts[].size: a GB counts as a GiB, in whole ones'],
    ['container', 'not needed: the image of the App is that of its first container'],
    ['console_command', 'not supported: open a shell in a machine with `kubectl exec -it`'],
    ['env.LOG_LEVEL', 'converted to spec.env.<name>'],
    ['mount.source', 'converted to spec.mounts[].name; required'],
    ['build.args.VERSION', 'not supported: Airfield builds no images'],
    ['statics[0].guest_path', 'not supported: let the app itself'],
    ['[[statics]] url_prefix', 'not supported: let the app itself'],
    ['experimental.attached.secrets.export.URL', 'not supported: write what the attached app exports'],
    ['services.ports.http_options.replay_cache.ttl_seconds', 'not supported: the gate remembers no replays'],
  ])('is said of %s', (written, verdict) => {
    const { isKnown, text } = explain(written);
    expect(isKnown).toBe(true);
    expect(text.split('\n')[1]?.slice(2, 2 + verdict.length)).toBe(verdict);
  });

  it('is said of what is in a table that has one verdict', () => {
    expect(explain('build.args.VERSION').text).toMatch(
      /^build\.args\.VERSION, as all of build\.args\n {2}not supported: /,
    );
    const tables = Object.entries(keys).filter(([, { examples }]) => /^\[?\{/.test(JSON.stringify(examples[0])));
    expect(tables.map(([pattern]) => pattern).sort()).toEqual(Object.keys(innerKeys).sort());
    for (const [pattern, { examples }] of tables) {
      const names = Object.keys([examples[0]].flat()[0] as object);
      expect({ pattern, names: names.filter((name) => !isInside(pattern, name)) }).toEqual({ pattern, names: [] });
    }
  });

  it('is said of every key that the converter knows', () => {
    for (const [pattern, key] of Object.entries(keys)) {
      const { isKnown, text } = explain(pattern);
      expect({ pattern, isKnown, text }).toMatchObject({ isKnown: true, text: expect.stringContaining(key.verdict) });
    }
  });

  it('is the same in colour', () => {
    const { text } = explain('services.ports.handlers', painted);
    expect(text).not.toBe(handlers);
    expect(stripVTControlCharacters(text)).toBe(handlers);
  });
});

describe('a section', () => {
  it('is explained by its keys', () => {
    const { text } = explain('restart');
    expect(text).toMatch(
      /^\[\[restart]]\n {2}policy +converted to spec\.restart\.policy or spec\.processes\[]\.restart\.policy\n {2}retries /,
    );
    expect(explain('[[restart]]').text).toBe(text);
  });

  it('of earlier years is that of today', () => {
    expect(explain('mount').text).toMatch(/^\[\[mount]], an older form of \[\[mounts]]\n {2}source /);
  });

  it('that is a single value too has both', () => {
    expect(explain('services.concurrency').text).toMatch(
      /concurrency = "20,25"\n\nOr a table with these keys:\n {2}type /,
    );
  });

  it('is listed where nothing is asked for', () => {
    const { isKnown, text } = explain(' ');
    expect(isKnown).toBe(true);
    expect(text).toMatch(/^At the top\n {2}app +converted to metadata\.name\n/);
    for (const header of ['[http_service]', '[[services]]', '[env]', '[checks]', '[[mounts]]', '[processes]']) {
      expect(text).toContain(`  ${header} `);
    }
  });
});

describe('an unknown key', () => {
  it.each([
    ['http_service.auto_machine_stop', 'did you mean http_service.auto_stop_machines?'],
    ['internal_port', 'did you mean http_service.internal_port, services.internal_port?'],
    ['auto_machine_stop', 'did you mean http_service.auto_stop_machines, services.auto_stop_machines?'],
    ['primary_regoin', 'did you mean primary_region?'],
    ['__proto__', '`airfield explain` lists the sections'],
    ['constructor.prototype', '`airfield explain` lists the sections'],
    ['statics.url_prefx', 'did you mean statics.url_prefix?'],
    ['statics.colour', '`airfield explain` lists the sections'],
    ['[', '`airfield explain` lists the sections'],
    ['services[x]', '`airfield explain` lists the sections'],
    ['\u001b[31m', '"\\u001b[31m"'],
  ])('%j gets what was meant, or the way on', (written, advice) => {
    const { isKnown, text } = explain(written);
    expect(isKnown).toBe(false);
    expect(text).toMatch(/^error: fly\.toml has no key or section .*\n$/);
    expect(text).toContain(advice);
  });
});

describe('airfield explain', () => {
  const cli = join(import.meta.dirname, '..', '..', 'src', 'cli.ts');
  const node = process.execPath;

  it('prints to a pipe without colour', () => {
    expect(execFileSync(node, [cli, 'explain', 'services.ports.handlers'], { encoding: 'utf8' })).toBe(handlers);
  });

  it('exits with 1 for an unknown key, which it names on standard error', () => {
    const { status, stdout, stderr } = spawnSync(node, [cli, 'explain', '[http_service]', 'prot'], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('"[http_service] prot"');
  });

  it('ends quietly where nobody reads on', () => {
    const { stderr } = spawnSync('sh', ['-c', '"$0" "$1" explain | true', node, cli], { encoding: 'utf8' });
    expect(stderr).toBe('');
  });
});
