import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { open } from '../../src/sealing/box.ts';
import { newKeyRing } from '../../src/sealing/key-ring.ts';

// Each case starts a process, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'airfield-beside-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ring = await newKeyRing(new Date('2026-01-01'));
const publicKey = ring.keys[0]?.publicKey ?? '';

const files = {
  'fly.toml':
    'app = "hello"\nprimary_region = "iad"\n[build]\nimage = "x:1"\n[processes]\nweb = "serve"\nworker = "work"\n',
  '.env': 'API_TOKEN=hunter2\nPEM="one\ntwo"\n',
  'machines.json': JSON.stringify([
    { id: 'e1', name: 'nightly', config: { init: { cmd: ['report'] }, schedule: 'daily' } },
    { id: 'e2', name: 'cache', config: { image: 'y:2' } },
  ]),
  'kubeconfig.yaml':
    'apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{name: a, context: {cluster: a, user: a, namespace: acme}}]\nclusters: [{name: a, cluster: {server: "http://127.0.0.1:1"}}]\nusers: [{name: a, user: {}}]\n',
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);

function convert(line: string, stdin = ''): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { ...process.env, KUBECONFIG: join(folder, 'kubeconfig.yaml') } };
    const args = [cli, 'convert', ...line.split(' ').filter((word) => word !== '')];
    const child = execFile(process.execPath, args, options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
    child.stdin?.end(stdin);
  });
}

const documentsIn = (stdout: string) => parseAllDocuments(stdout).map((document) => document.toJS());

describe('airfield convert --secrets', () => {
  it('seals each variable for the Secret of the App, in the namespace that kubectl uses', async () => {
    const { code, stdout } = await convert(`--secrets .env --public-key ${publicKey}`);
    expect(code).toBe(0);
    const [secret, app] = documentsIn(stdout);
    expect([secret.kind, app.kind]).toEqual(['Secret', 'App']);
    expect([secret.metadata, app.metadata]).toEqual(Array(2).fill({ name: 'hello', namespace: 'acme' }));
    expect(secret.spec.apps).toBeUndefined();
    const place = { namespace: 'acme', name: 'hello' };
    const opened = async (key: string) => (await open(secret.spec.data[key].sealed, { ...place, key }, ring)).value;
    expect([await opened('API_TOKEN'), await opened('PEM')]).toEqual(['hunter2', 'one\ntwo']);
    expect(stdout).not.toContain('hunter2');
  });

  it('takes the namespace and the file of a key', async () => {
    writeFileSync(join(folder, 'key.txt'), `# public key\n${publicKey}\n`);
    const { stdout } = await convert('--secrets - --public-key key.txt --namespace other', 'A=1\n');
    const [secret] = documentsIn(stdout);
    const place = { namespace: 'other', name: 'hello', key: 'A' };
    expect((await open(secret.spec.data.A.sealed, place, ring)).value).toBe('1');
  });

  it('without a key and a cluster prints nothing, and says what to give', async () => {
    const { code, stdout, stderr } = await convert('--secrets .env');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: .*--public-key.*--plain-secrets\n$/);
    expect(stderr).not.toContain('hunter2');
  });

  it('prints the values themselves only where that is asked for, and warns', async () => {
    const { code, stdout, stderr } = await convert('--secrets .env --plain-secrets');
    expect(code).toBe(0);
    expect(documentsIn(stdout)[0]).toMatchObject({
      kind: 'Secret',
      spec: { data: { API_TOKEN: { value: 'hunter2' }, PEM: { value: 'one\ntwo' } } },
    });
    expect(stderr).toContain(
      '.env:1:1 warning AF031: the values are printed as they are: never commit what is printed',
    );
  });

  it('prints nothing where a line is broken, and does not repeat the line', async () => {
    const { code, stdout, stderr } = await convert('--secrets - --plain-secrets', 'A=1\nhunter2\n');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('stdin:2:1 error AF029: the line is not NAME=value');
    expect(stderr).not.toContain('hunter2');
  });
});

describe('airfield convert --machines', () => {
  it('prints what others need first, the same each time', async () => {
    const line = '--machines machines.json --secrets .env --plain-secrets --count web=3 --region web/fra=1';
    const [first, second] = [await convert(line), await convert(line)];
    expect(second).toEqual(first);
    expect(documentsIn(first.stdout).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Secret hello',
      'App hello',
      'Machine cache',
      'Schedule nightly',
    ]);
    expect(documentsIn(first.stdout)[1].spec.processes[0]).toMatchObject({
      regions: [
        { name: 'iad', count: 2 },
        { name: 'fra', count: 1 },
      ],
    });
  });

  it('prints a List as JSON, and reads standard input', async () => {
    const { stdout } = await convert('--machines - -o json', files['machines.json']);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'List',
      items: [{ kind: 'App' }, { kind: 'Machine' }, { kind: 'Schedule' }],
    });
  });

  it('patches the App, and keeps what is beside it', async () => {
    writeFileSync(join(folder, 'patch.yaml'), 'kind: App\nmetadata: {name: hello}\nspec: {deletionProtection: true}\n');
    const documents = documentsIn((await convert('--machines machines.json --patch patch.yaml')).stdout);
    expect(documents[0].spec.deletionProtection).toBe(true);
    expect(documents).toHaveLength(3);
  });

  it('fails with --strict on a warning about a machine', async () => {
    const machines = JSON.stringify([{ id: 'e1', config: { later: 'x' } }]);
    const { code, stdout, stderr } = await convert('--machines - --strict', machines);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('stdin:1:23 warning AF011: machine e1: config.later is not converted');
  });

  it('names a file that is not there', async () => {
    const { code, stderr } = await convert('--machines missing.json');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'missing.json:1:1 error AF024: there is no such file; name another, or - for standard input\n',
    });
  });
});

describe('airfield convert', () => {
  it.each([
    ['--plain-secrets', '--plain-secrets is for secrets: name a file of them with --secrets'],
    ['--public-key age1', '--public-key is for secrets: name a file of them with --secrets'],
    ['--secrets - --machines -', 'standard input can be read once: name - once'],
    ['fly.toml other.toml --machines machines.json', '--machines is for one file, and there are 2'],
    ['--count x', "option '--count <n>' argument 'x' is invalid. write a number of machines, `3` or `app=3`."],
    [
      '--region fra',
      "option '--region <region=n>' argument 'fra' is invalid. write a region and its number of machines, `fra=2` or `worker/fra=2`.",
    ],
  ])('refuses %s', async (line, message) => {
    expect(await convert(line)).toEqual({ code: 2, stdout: '', stderr: `error: ${message}\n` });
  });
});
