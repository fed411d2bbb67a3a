import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';

// Each case starts a process, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'airfield-convert-'));
afterAll(() => rmSync(folder, { recursive: true }));

const good = 'app = "hello"\n[build]\nimage = "x:1"\n';

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function airfield(args: string[], stdin = ''): Promise<Result> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
    child.stdin?.end(stdin);
  });
}

function file(name: string, content: string | Uint8Array): string {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
  return name;
}

describe('airfield convert', () => {
  it('reads the fly.toml of the folder it is called in', async () => {
    file('fly.toml', good);
    const expected = 'apiVersion: airfield.dev/v1alpha1\nkind: App\nmetadata:\n  name: hello\nspec:\n  image: x:1\n';
    expect(await airfield(['convert'])).toEqual({ code: 0, stdout: expected, stderr: '' });
  });

  it('reads standard input, and takes name, namespace and image from its options', async () => {
    const { code, stdout } = await airfield(
      ['convert', '-', '-o', 'json', '--name', 'other', '--namespace', 'acme', '--image', 'y:2'],
      good,
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      apiVersion: 'airfield.dev/v1alpha1',
      kind: 'App',
      metadata: { name: 'other', namespace: 'acme' },
      spec: { image: 'y:2' },
    });
  });

  it('reads fly.json and fly.yaml', async () => {
    const { stdout } = await airfield(['convert', file('fly.json', '{"app": "hello", "build": {"image": "x:1"}}')]);
    expect(stdout).toContain('name: hello');
    expect(await airfield(['convert', file('fly.yaml', 'app: hello\nbuild: {image: "x:1"}\n')])).toEqual({
      code: 0,
      stdout,
      stderr: '',
    });
  });

  it('warns on standard error; with --strict that is a failure', async () => {
    const name = file('warning.toml', `${good}[colour]\nsky = "blue"\n`);
    const stderr =
      'warning.toml:4:2 warning AF011: [colour] is not converted: it is not a key of fly.toml that Airfield knows\n';
    expect(await airfield(['convert', name])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('kind: App'),
      stderr,
    });
    expect(await airfield(['convert', name, '--strict'])).toEqual({ code: 1, stdout: '', stderr });
  });

  it('prints errors with their places, and nothing else', async () => {
    const name = file('wrong.toml', `${good}[http_service]\ninternal_port = "x"\n[[vm]]\ncpus = 0\n`);
    expect(await airfield(['convert', name])).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'wrong.toml:5:1 error AF006: [http_service] internal_port must be a port between 1 and 65535, not "x"\n' +
        'wrong.toml:7:1 error AF006: [[vm]] cpus must be between 1 and 128, not 0\n',
    });
  });

  it('prints what it says as JSON on request, apart from the App', async () => {
    const name = file('report.toml', `swap_size_mb = 512\n${good}colour = 1\n`);
    const { code, stdout, stderr } = await airfield(['convert', name, '--report', 'json', '-o', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'App' });
    const place = { file: name, column: 1 };
    expect(JSON.parse(stderr).problems).toMatchObject([
      {
        ...place,
        line: 1,
        severity: 'note',
        code: 'AF023',
        message: expect.stringContaining('give vm.memory instead'),
      },
      {
        ...place,
        line: 5,
        severity: 'warning',
        code: 'AF011',
        key: 'build.colour',
        message: expect.stringContaining('[build] colour is not'),
      },
    ]);
    expect(JSON.parse((await airfield(['convert', '-', '--report', 'json'], good)).stderr)).toEqual({
      problems: [],
      sources: [
        { file: 'stdin', line: 1, column: 1, key: 'app', app: 'hello', fields: ['metadata.name'] },
        { file: 'stdin', line: 3, column: 1, key: 'build.image', app: 'hello', fields: ['spec.image'] },
      ],
    });
  });

  it('with --strict lets notes pass', async () => {
    const name = file('note.toml', `swap_size_mb = 512\n${good}`);
    expect(await airfield(['convert', name, '--strict'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('note AF023'),
    });
  });

  it('names the place of broken TOML', async () => {
    expect(await airfield(['convert', '-'], 'app = "x\n')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'stdin:1:9 error AF001: unterminated string\n',
    });
  });

  it.each([
    ['missing.toml', 'missing.toml:1:1 error AF024: there is no such file; name another, or - for standard input\n'],
    ['empty', 'empty:1:1 error AF024: there is no fly.toml, fly.json or fly.yaml in this folder or below it\n'],
  ])('says in one line that it cannot read %s', async (name, stderr) => {
    mkdirSync(join(folder, 'empty'), { recursive: true });
    expect(await airfield(['convert', name])).toEqual({ code: 1, stdout: '', stderr });
  });

  it('says in one line that a file is not UTF-8', async () => {
    const name = file('utf16.toml', Buffer.from(`\ufeff${good}`, 'utf16le'));
    expect(await airfield(['convert', name])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'utf16.toml:1:1 error AF024: it is not text in UTF-8; save it as UTF-8\n',
    });
  });

  it.each([
    [['--outpt', 'json'], "error: unknown option '--outpt'\n(Did you mean --output?)\n"],
    [
      ['-o', 'xml'],
      "error: option '-o, --output <format>' argument 'xml' is invalid. Allowed choices are yaml, json.\n",
    ],
    [['-', '-f', '-'], 'error: standard input can be read once: name - once\n'],
    [['a', 'b', '--name', 'x'], 'error: --name is for one file, and there are 2\n'],
  ])('refuses wrong options %j with exit code 2', async (args, stderr) => {
    expect(await airfield(['convert', ...args])).toEqual({ code: 2, stdout: '', stderr });
  });
});

describe('airfield convert with several files', () => {
  const app = (name: string) => `app = "${name}"\n[build]\nimage = "x:1"\n`;
  const names = (yaml: string) => [...yaml.matchAll(/^ {2}name: (.+)$/gm)].map(([, name]) => name);

  it('converts every fly.toml below a folder, in the order of their paths, the same each time', async () => {
    file('many/b/fly.toml', app('beta'));
    file('many/a/fly.json', '{"app": "alpha", "build": {"image": "x:1"}}');
    file('many/a/deep/fly.yaml', 'app: deep\nbuild: { image: "x:1" }\n');
    file('many/fly.toml', app('top'));
    file('many/fly.staging.toml', app('staging'));
    file('many/node_modules/x/fly.toml', app('package'));
    file('many/.hidden/fly.toml', app('hidden'));
    const { code, stdout, stderr } = await airfield(['convert', 'many']);
    expect({ code, stderr, names: names(stdout) }).toEqual({
      code: 0,
      stderr: '',
      names: ['top', 'alpha', 'deep', 'beta'],
    });
    expect(stdout.split('\n---\n')).toHaveLength(4);
    expect((await airfield(['convert', 'many'])).stdout).toBe(stdout);
    const json = JSON.parse((await airfield(['convert', 'many', '-o', 'json'])).stdout);
    expect(json).toMatchObject({ apiVersion: 'v1', kind: 'List' });
    expect(json.items).toHaveLength(4);
  });

  it('goes on behind a file that is wrong, and fails in the end', async () => {
    const files = [file('one.toml', app('one')), file('wrong.toml', 'app = 1\n'), file('two.toml', app('two'))];
    const { code, stdout, stderr } = await airfield([
      'convert',
      ...files,
      'missing.toml',
      'one.toml',
      '--report',
      'json',
    ]);
    expect(code).toBe(1);
    expect(names(stdout)).toEqual(['one', 'two']);
    const found = JSON.parse(stderr).problems.map(
      ({ file, code }: { file: string; code: string }) => `${file} ${code}`,
    );
    expect(found).toEqual(['wrong.toml AF005', 'wrong.toml AF003', 'missing.toml AF024']);
  });

  it('never prints two Apps of one name, of which kubectl would keep the last', async () => {
    file('same/a/fly.toml', app('same'));
    file('same/b/fly.toml', app('same'));
    const { code, stdout, stderr } = await airfield(['convert', 'same']);
    expect({ code, names: names(stdout) }).toEqual({ code: 1, names: ['same'] });
    expect(stderr).toMatch(/^same\/b\/fly.toml:1:1 error AF002: an earlier file has an App that is called same too/);
  });

  it('merges overlays into it, in their order, and names the file of each remark', async () => {
    const base = file('base.toml', `${app('base')}[env]\nA = "1"\n`);
    const overlays = [file('o1.toml', '[env]\nA = "2"\nB = "2"\n'), file('o2.yaml', 'env: { B: "3" }\ncolour: 1\n')];
    const { code, stdout, stderr } = await airfield(['convert', base, ...overlays.flatMap((name) => ['-f', name])]);
    expect(code).toBe(0);
    expect(stdout).toContain('  env:\n    A: "2"\n    B: "3"\n');
    expect(stderr).toMatch(/^o2\.yaml:2:1 warning AF011: colour /);
    expect(await airfield(['convert', base, '-f', 'none.toml'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'none.toml:1:1 error AF024: there is no such file; name another, or - for standard input\n',
    });
  });

  it('patches the App that a patch names, and says which there are', async () => {
    const files = [file('p1.toml', app('p1')), file('p2.toml', app('p2'))];
    const patch = file('patch.yaml', 'kind: App\nmetadata: { name: p2 }\nspec: { deletionProtection: true }\n');
    const { code, stdout } = await airfield(['convert', ...files, '--patch', patch]);
    expect({ code, count: stdout.match(/deletionProtection: true/g)?.length }).toEqual({ code: 0, count: 1 });
    const other = file('other.yaml', '# for another\nkind: App\nmetadata: { name: p3 }\n');
    expect(await airfield(['convert', ...files, '--patch', other])).toMatchObject({
      code: 1,
      stderr: 'other.yaml:2:1 error AF026: there is no App/p3 to patch; there is: App/p1, App/p2\n',
    });
  });

  it('says with --report sources where each field of each App comes from', async () => {
    const base = file('fields.toml', `${app('fields')}[env]\nA = "1"\nB = "1"\nC = "1"\n`);
    const over = file('over.toml', '[env]\nB = "2"\n');
    const patch = file('env.yaml', 'kind: App\nmetadata: { name: fields }\nspec: { env: { C: "3" }, image: "y:1" }\n');
    const args = ['convert', base, '-f', over, '--patch', patch, '--report', 'sources'];
    expect((await airfield(args)).stderr).toBe(
      'fields.toml:1:1 app became metadata.name\n' +
        'fields.toml:5:1 env.A became spec.env.A\n' +
        'over.toml:2:1 env.B became spec.env.B\n' +
        'env.yaml:3:16 spec.env.C became spec.env.C\n' +
        'env.yaml:3:26 spec.image became spec.image\n',
    );
  });

  it('reads YAML from standard input where --format says so', async () => {
    const yaml = 'app: hello\nbuild: { image: "x:1" }\n';
    expect((await airfield(['convert', '-', '--format', 'yaml'], yaml)).stdout).toContain('name: hello');
    expect(
      (await airfield(['convert', '-'], JSON.stringify({ app: 'json', build: { image: 'x:1' } }))).stdout,
    ).toContain('name: json');
  });
});

describe('airfield', () => {
  it('prints its version', async () => {
    expect(await airfield(['--version'])).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: '',
    });
  });

  it('suggests the command that was meant', async () => {
    expect(await airfield(['konvert'])).toEqual({
      code: 2,
      stdout: '',
      stderr: "error: unknown command 'konvert'\n(Did you mean convert?)\n",
    });
  });

  it.each([['--help'], ['help']])('lists its commands with %s', async (flag) => {
    const { code, stdout } = await airfield([flag]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/convert \[options] \[files\.\.\.]\s+turn a fly.toml into an App/);
    expect(stdout).toMatch(/operator/);
  });

  it.each([
    ['convert', '--help'],
    ['help', 'convert'],
  ])('shows examples with %s %s', async (...args) => {
    const { code, stdout } = await airfield(args);
    expect(code).toBe(0);
    expect(stdout).toContain('airfield convert | kubectl apply -f -');
  });
});
