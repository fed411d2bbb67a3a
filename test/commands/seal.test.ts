import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { open } from '../../src/sealing/box.ts';
import { type KeyRing, newKeyRing } from '../../src/sealing/key-ring.ts';

// Each case starts a process, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const acme = ['--namespace', 'acme', '--name', 'hello'];
let folder: string;
let ring: KeyRing;
let withKey: string[];

beforeAll(async () => {
  ring = await newKeyRing(new Date('2026-01-02T03:04:05Z'));
  withKey = ['--public-key', ring.keys[0]!.publicKey];
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'airfield-seal-'));
  return () => rmSync(folder, { recursive: true });
});

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function seal(args: readonly string[], stdin: string | Buffer = ''): Promise<Result> {
  return new Promise((resolve) => {
    const env = { ...process.env, KUBECONFIG: join(folder, 'kubeconfig') };
    const child = execFile(process.execPath, [cli, 'seal', ...args], { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
    child.stdin?.on('error', () => {}).end(stdin);
  });
}

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return name;
}
const text = (name: string) => readFileSync(join(folder, name), 'utf8');

interface Sealed {
  metadata: { name: string; namespace: string };
  spec: { apps?: string[]; data: Record<string, { sealed: string }> };
}

/** The values in a Secret, opened at the place that it is at. */
async function opened(yaml: string): Promise<Record<string, string>> {
  const { metadata, spec }: Sealed = parse(yaml);
  const entries = Object.entries(spec.data).filter(([, { sealed }]) => sealed !== undefined);
  const values = entries.map(async ([key, { sealed }]) => [
    key,
    (await open(sealed, { ...metadata, key }, ring)).value,
  ]);
  return Object.fromEntries(await Promise.all(values));
}

describe('airfield seal', () => {
  it('prints a Secret for kubectl, with the value of standard input in it', async () => {
    const { code, stdout, stderr } = await seal([...acme, ...withKey, 'DATABASE_URL'], 'hunter2\n');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(/^ +[\w+/=]+\n/gm, '')).toBe(
      `apiVersion: airfield.dev/v1alpha1
kind: Secret
metadata:
  name: hello
  namespace: acme
spec:
  data:
    DATABASE_URL:
      sealed: |
        -----BEGIN AGE ENCRYPTED FILE-----
        -----END AGE ENCRYPTED FILE-----
`,
    );
    expect(await opened(stdout)).toEqual({ DATABASE_URL: 'hunter2' });
  });

  it.each([
    ['a newline of echo', 'a\n', [], 'a'],
    ['one of Windows', 'a\r\n', [], 'a'],
    ['blanks', '  a ', [], '  a '],
    ['several lines', '-----BEGIN-----\nMII=\n-----END-----\n', [], '-----BEGIN-----\nMII=\n-----END-----\n'],
    ['a newline with --raw', 'a\n', ['--raw'], 'a\n'],
    ['nothing with --raw', '', ['--raw'], ''],
  ])('takes %s as it is meant', async (_, stdin, flags, value) => {
    const { stdout } = await seal([...acme, ...withKey, ...flags, 'KEY'], stdin);
    expect(await opened(stdout)).toEqual({ KEY: value });
  });

  it('seals every variable of a file, whatever they are called, and says for which Apps', async () => {
    const env = file('.env', '# mine\nexport A=1\n\nNO="two\nlines" # both\nEMPTY=\nQUOTED=\'a#b\'\n');
    const { stdout } = await seal([...acme, ...withKey, '--from-env-file', env, '--app', 'web', '--app', 'worker']);
    expect((parse(stdout) as Sealed).spec.apps).toEqual(['web', 'worker']);
    expect(await opened(stdout)).toEqual({ A: '1', NO: 'two\nlines', EMPTY: '', QUOTED: 'a#b' });
    // kubectl reads YAML 1.1, for which a bare NO is `false`.
    expect(Object.keys((parse(stdout, { version: '1.1' }) as Sealed).spec.data)).toContain('NO');
  });

  it('seals those variables of a file that are named', async () => {
    const { stdout } = await seal([...acme, ...withKey, '--from-env-file', '-', 'B'], 'A=1\nB=2\n');
    expect(await opened(stdout)).toEqual({ B: '2' });
  });

  it('prints JSON, or the box alone', async () => {
    const json = await seal([...acme, ...withKey, '-o', 'json', 'KEY'], 'hunter2');
    expect(await opened(JSON.stringify(JSON.parse(json.stdout)))).toEqual({ KEY: 'hunter2' });
    const box = await seal([...acme, ...withKey, '-o', 'box', 'KEY'], 'hunter2');
    expect(await open(box.stdout, { namespace: 'acme', name: 'hello', key: 'KEY' }, ring)).toMatchObject({
      value: 'hunter2',
    });
  });

  it('takes the namespace that kubectl would use, and the key from a file', async () => {
    const context = { name: 'c', context: { cluster: 'c', user: 'u', namespace: 'current' } };
    const clusters = [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }];
    const users = [{ name: 'u', user: {} }];
    file('kubeconfig', JSON.stringify({ 'current-context': 'c', contexts: [context], clusters, users }));
    const key = file('key.txt', `# of production\n\n${ring.keys[0]!.publicKey}\n`);
    const { stdout } = await seal(['--name', 'hello', '--public-key', key, 'KEY'], 'x');
    expect((parse(stdout) as Sealed).metadata.namespace).toBe('current');
    expect(await opened(stdout)).toEqual({ KEY: 'x' });
  });
});

describe('airfield seal --into', () => {
  const before = `# of the shop
apiVersion: airfield.dev/v1alpha1
kind: App
metadata: {name: hello}   # the app
---
apiVersion: airfield.dev/v1alpha1
kind: Secret
metadata:
  name: hello # as the App
  namespace: acme
spec:
  # both of them
  apps:
  - web
  - worker

  data:
    OLD: {value: "in the clear"} # to be sealed
    KEPT:
      generate: {length: 32}
---
kind: Another
`;

  it('adds and replaces values, and leaves the rest of the file as it is, comments too', async () => {
    const path = file('secret.yaml', before);
    const env = file('.env', 'NEW=2\nOLD=1\n');
    const { code, stdout, stderr } = await seal(['--into', path, ...withKey, '--from-env-file', env]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: 'note: sealed NEW, OLD in secret.yaml; next: `kubectl apply -f secret.yaml`\n',
    });
    const boxes = / {6}sealed: \|\n( {8}.+\n)+/g;
    expect(text(path).replace(boxes, '')).toBe(
      before
        .replace('    OLD: {value: "in the clear"} # to be sealed\n', '    OLD:\n      # to be sealed\n')
        .replace('{length: 32}\n', '{length: 32}\n    NEW:\n'),
    );
    expect(await opened(text(path).split(/^---\n/m)[1]!)).toEqual({ OLD: '1', NEW: '2' });
  });

  it('makes the file where there is none, and adds to it then', async () => {
    await seal([...acme, ...withKey, '--into', 'new.yaml', 'A'], '1');
    await seal([...withKey, '--into', 'new.yaml', 'B'], '2');
    expect(await opened(text('new.yaml'))).toEqual({ A: '1', B: '2' });
  });

  it('seals for the namespace that it writes into a file without one', async () => {
    const path = file(
      'bare.yaml',
      'apiVersion: airfield.dev/v1alpha1\nkind: Secret\nmetadata:\n  name: hello\nspec:\n  data: {}\n',
    );
    await seal([...withKey, '--namespace', 'acme', '--into', path, 'A'], '1');
    expect(parse(text(path)).metadata.namespace).toBe('acme');
    expect(await opened(text(path))).toEqual({ A: '1' });
  });

  it('keeps ends of lines as they are in Windows', async () => {
    const path = file('windows.yaml', before.replaceAll('\n', '\r\n'));
    await seal([...withKey, '--into', path, 'NEW'], '1');
    expect(text(path)).not.toMatch(/[^\r]\n/);
    expect(await opened(text(path).split(/^---\r\n/m)[1]!)).toEqual({ NEW: '1' });
  });

  it.each<[string, string[], RegExp]>([
    ['of another namespace', ['--namespace', 'other'], /Secret hello is in namespace acme, not in that of --namespace/],
    ['of another name', ['--name', 'other'], /it has no Secret other of airfield.dev, but hello: leave --name out/],
    ['that is to be JSON', ['-o', 'json'], /--into writes YAML/],
    ['that has its Apps', ['--app', 'web'], /write spec.apps into the file/],
  ])('refuses a file %s, and leaves it as it is', async (_, flags, message) => {
    const path = file('secret.yaml', before);
    const { code, stderr } = await seal([...withKey, ...flags, '--into', path, 'A'], 'hunter2');
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(text(path)).toBe(before);
  });

  it('names the file that has no place for a value', async () => {
    const path = file('secret.yaml', before.replace(/ {2}data:[\s\S]*?---/, '  data: [hunter2]\n---'));
    const { stderr } = await seal([...withKey, '--into', path, 'A'], 'hunter2');
    expect(stderr).toBe('error: secret.yaml: spec.data is no map: write names of variables below it\n');
  });
});

describe('airfield seal says what is wrong in one line, without the value:', () => {
  it.each<[string, () => string[], string | Buffer, RegExp]>([
    ['a value in the command', () => [...acme, ...withKey, 'KEY=hunter2'], '', /give the KEY, and pipe the value in/],
    [
      'a value beside the key',
      () => [...acme, ...withKey, 'KEY', 'hunter2'],
      '',
      /name one KEY, whose value is on standard/,
    ],
    [
      'a value in the place of the key',
      () => [...acme, ...withKey, '2hunter2'],
      'x',
      /the name of a variable has letters/,
    ],
    ['no key', () => [...acme, ...withKey], 'hunter2', /name one KEY/],
    ['nothing on standard input', () => [...acme, ...withKey, 'KEY'], '', /standard input is empty: pipe the value in/],
    ['a name of Airfield', () => [...acme, ...withKey, 'FLY_REGION'], 'x', /FLY_REGION is set by Airfield itself/],
    ['a zero byte', () => [...acme, ...withKey, 'KEY'], 'hunter2\0', /the value of KEY has a zero byte/],
    ['what is no text', () => [...acme, ...withKey, 'KEY'], Buffer.of(0xff), /stdin: it is not text in UTF-8/],
    [
      'a large value',
      () => [...acme, ...withKey, 'KEY'],
      'hunter2'.repeat(11_000),
      /the value of KEY is too large: 64 KiB/,
    ],
    ['no name', () => ['--namespace', 'acme', ...withKey, 'KEY'], 'hunter2', /name the Secret with --name/],
    [
      'a name that none can have',
      () => ['--name', 'Hello', '--namespace', 'a', ...withKey, 'KEY'],
      'x',
      /^error: name: write lower/,
    ],
    ['no namespace', () => ['--name', 'hello', ...withKey, 'KEY'], 'x', /or name the namespace with --namespace/],
    ['no key of the operator', () => [...acme, 'KEY'], 'x', /or give the key with --public-key/],
    [
      'half a key of the operator',
      () => [...acme, '--public-key', 'age1xyz', 'KEY'],
      'x',
      /--public-key: this is no public key/,
    ],
    ['its private key', () => [...acme, '--public-key', ring.keys[0]!.identity, 'KEY'], 'x', /this is a private key/],
    [
      'no file with the key',
      () => [...acme, '--public-key', 'key.txt', 'KEY'],
      'x',
      /--public-key key.txt: there is no such file/,
    ],
    ['no env file', () => [...acme, ...withKey, '--from-env-file', 'x'], '', /^error: x: there is no such file/],
    [
      'several boxes',
      () => [...acme, ...withKey, '-o', 'box', '--from-env-file', '-'],
      'A=1\nB=hunter2',
      /prints one value/,
    ],
  ])('%s', async (_, args, stdin, message) => {
    const { code, stdout, stderr } = await seal(args(), stdin);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/hunter2|AGE-SECRET-KEY-1/);
    expect(existsSync(join(folder, 'secret.yaml'))).toBe(false);
  });
});
