import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    const name = file('report.toml', `${good}colour = 1\n[http_service]\ninternal_port = 80\nforce_https = true\n`);
    const { code, stdout, stderr } = await airfield(['convert', name, '--report', 'json', '-o', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'App' });
    const place = { file: name, column: 1 };
    expect(JSON.parse(stderr)).toMatchObject([
      {
        ...place,
        line: 4,
        severity: 'warning',
        code: 'AF011',
        key: 'build.colour',
        message: expect.stringContaining('[build] colour is not'),
      },
      { line: 5, severity: 'note', code: 'AF023', message: expect.stringContaining('ports[1].handlers') },
      {
        line: 7,
        key: 'http_service.force_https',
        code: 'AF023',
        message: expect.stringContaining('ports[0].forceHttps'),
      },
    ]);
    expect(JSON.parse((await airfield(['convert', '-', '--report', 'json'], good)).stderr)).toEqual([]);
  });

  it('with --strict lets notes pass', async () => {
    const name = file('note.toml', `${good}[http_service]\ninternal_port = 80\nforce_https = true\n`);
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
    ['.', '.:1:1 error AF024: it is a folder; name the fly.toml in it\n'],
  ])('says in one line that it cannot read %s', async (name, stderr) => {
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
    [['a', 'b'], expect.stringMatching(/^error: too many arguments/)],
  ])('refuses wrong options %j with exit code 2', async (args, stderr) => {
    expect(await airfield(['convert', ...args])).toEqual({ code: 2, stdout: '', stderr });
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
    expect(stdout).toMatch(/convert \[options] \[file]\s+turn a fly.toml into an App/);
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
