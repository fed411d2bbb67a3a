import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';

// Each case starts a process, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const cli = join(import.meta.dirname, '..', '..', 'src', 'cli.ts');
const folder = mkdtempSync(join(tmpdir(), 'airfield-diff-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** `airfield diff` where there is no cluster. */
function diff(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { ...process.env, KUBECONFIG: join(folder, 'kubeconfig') } };
    execFile(process.execPath, [cli, 'diff', ...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return name;
}

const app =
  'apiVersion: airfield.dev/v1alpha1\nkind: App\nmetadata: {name: hello, namespace: acme}\nspec: {image: x:1}\n';

describe('airfield diff fails with exit code 2, and says why, where', () => {
  it.each([
    ['there is no file', ['missing.toml'], '', /^missing\.toml:1:1 error AF024: there is no such file/],
    ['fly.toml has an error', ['wrong.toml'], 'app = "x\n', /^wrong\.toml:1:9 error AF001: /],
    ['the YAML has an error', ['wrong.yaml'], `${app}  x: [`, /^error: wrong\.yaml: .* at line 5, column \d+/],
    ['an App is no App', ['none.yaml'], app.replace('name: hello, ', ''), /^error: none\.yaml: metadata\.name: /],
    [
      'an image is given for Apps',
      ['a.yaml', '--image', 'y:1'],
      app,
      /^error: --image is for a fly\.toml; a\.yaml has/,
    ],
    [
      'an overlay is given for Apps',
      ['d.yaml', '-f', 'o.toml'],
      app,
      /^error: --overlay is for a fly\.toml; d\.yaml has/,
    ],
    [
      'the namespace is another',
      ['b.yaml', '--namespace', 'x'],
      app,
      /^error: hello is in namespace acme, not in that of/,
    ],
    ['there is no kubeconfig', ['c.yaml'], app, /^error: KUBECONFIG names .*kubeconfig, which does not exist\n$/],
    ['an option is not known', ['--imag'], '', /^error: unknown option '--imag'\n\(Did you mean --image\?\)\n$/],
  ])('%s', async (_, [name = '', ...flags], content, message) => {
    if (content) file(name, content);
    const { code, stdout, stderr } = await diff(name, ...flags);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('    at ');
  });

  it('an overlay or a patch is wrong, which it names with the line', async () => {
    const base = file('base.toml', 'app = "base"\n[build]\nimage = "x:1"\n');
    const overlay = file('overlay.toml', '# staging\ncolour = 1\n');
    const patch = file('patch.yaml', 'kind: App\nmetadata: { name: base }\nspec: { image: [] }\n');
    const { code, stdout, stderr } = await diff(base, '-f', overlay, '--patch', patch);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^overlay\.toml:2:1 warning AF011: .*\n(patch\.yaml:3:9 error AF010: spec\.image .*\n)+$/);
  });

  it('repeats the warnings of a conversion, but not what needs nobody to do anything', async () => {
    const text = 'app = "x"\nhost_dedication_id = "y"\nconsole_command = "sh"\n[build]\nimage = "x:1"\n';
    const { stderr } = await diff(file('warned.toml', text));
    expect(stderr).toMatch(/^warned\.toml:3:1 warning AF012: .*\nerror: KUBECONFIG .*\n$/);
  });
});
