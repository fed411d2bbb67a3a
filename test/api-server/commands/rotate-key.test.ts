import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { SecretStatus } from '../../../src/api/secret.ts';
import { secrets as ownSecrets } from '../../../src/controller/resources.ts';
import type { DataObject } from '../../../src/controller/sealing-keys.ts';
import { type Client, connect } from '../../../src/kube/client.ts';
import { configMaps, secrets } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { open, seal } from '../../../src/sealing/box.ts';
import { type KeyRing, newKeyRing } from '../../../src/sealing/key-ring.ts';
import { dataOfKeyRing, keyRingOfData } from '../../../src/sealing/key-ring-data.ts';
import { keyRingSecretName, publicKeyConfigMapName, publishedData } from '../../../src/sealing/published-key.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { serveOwnKinds } from '../own-kinds.ts';

const cli = join(import.meta.dirname, '..', '..', '..', 'src', 'cli.ts');
const namespace = 'default';
const ringRef = { namespace, name: keyRingSecretName };
const hello = { namespace, name: 'hello' };
let server: ApiServer;
let client: Client;
let folder: string;
let first: KeyRing;

/** Of its own: the rotation looks at the Secrets of the whole cluster. */
beforeAll(async () => {
  server = await startApiServer();
  client = await connect({ kubeConfigPath: server.kubeconfig });
  folder = await mkdtemp(join(tmpdir(), 'airfield-rotate-'));
  await serveOwnKinds(client);
});
afterAll(async () => {
  client.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

/** What an operator makes, and a Secret with one value that is sealed for it. */
beforeEach(async () => {
  first = await newKeyRing(new Date('2026-01-02T03:04:05Z'));
  const of = (kind: string, name: string) => ({ apiVersion: 'v1', kind, metadata: { name, namespace } });
  const other = { note: Buffer.from('mine').toString('base64') };
  const own = [
    [secrets, { ...of('Secret', keyRingSecretName), data: { ...dataOfKeyRing(first), ...other } }],
    [configMaps, { ...of('ConfigMap', publicKeyConfigMapName), data: publishedData(first) }],
  ] as const;
  for (const [resource, object] of own) await client.create(resource, object as KubeObject);
  const sealed = await seal('hunter2', { ...hello, key: 'TOKEN' }, first.keys[0]!.publicKey);
  const spec = { data: { TOKEN: { sealed }, OTHER: { value: 'x' } } };
  await client.create(ownSecrets, {
    apiVersion: 'airfield.dev/v1alpha1',
    kind: 'Secret',
    metadata: hello,
    spec,
  } as KubeObject);
  await report(first.keys[0]!.publicKey);
  return async () => {
    await client.delete(secrets, ringRef);
    await client.delete(configMaps, { namespace, name: publicKeyConfigMapName }).catch(() => {});
    await client.delete(ownSecrets, hello);
  };
});

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function airfield(args: readonly string[], { stdin = '', kubeconfig = server.kubeconfig } = {}): Promise<Result> {
  return new Promise((resolve) => {
    const env = { ...process.env, KUBECONFIG: kubeconfig };
    const child = execFile(process.execPath, [cli, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
    child.stdin?.on('error', () => {}).end(stdin);
  });
}

/** The status as the operator writes it. */
async function report(sealedFor: string, observedGeneration = 1): Promise<void> {
  const keys = [{ name: 'TOKEN', source: 'sealed' as const, digest: 'abc', sealedFor }];
  const ready = {
    type: 'Ready',
    status: 'True' as const,
    reason: 'Realised',
    message: '',
    lastTransitionTime: '2026-01-02T03:04:05Z',
  };
  const status: Partial<SecretStatus> = { observedGeneration, keys, conditions: [ready] };
  await client.mergePatch(ownSecrets, hello, { status }, { subresource: 'status' });
}

const stored = () => client.get<DataObject>(secrets, ringRef);
const storedRing = async () => keyRingOfData((await stored()).data);

/** Private keys and values, none of which may be printed. */
const confidential = async () => {
  const { keys, digestKey } = await storedRing();
  return ['hunter2', digestKey, ...keys.map(({ identity }) => identity)];
};

/** As somebody who may do nothing. */
function asAlice(): string {
  const path = join(folder, 'alice');
  const text = readFileSync(server.kubeconfig, 'utf8').replace(server.adminToken, server.tokens.alice ?? '');
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

describe('airfield rotate-key', () => {
  it('adds a key, keeps all else, and says which values are sealed for an old one, and what is next', async () => {
    const { code, stdout, stderr } = await airfield(['rotate-key']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const ring = await storedRing();
    expect(ring.keys).toHaveLength(2);
    expect(ring.keys[1]).toEqual(first.keys[0]);
    expect(ring.digestKey).toBe(first.digestKey);
    expect(Object.keys((await stored()).data!)).toContain('note');
    expect(stdout).toBe(`New sealing key: ${ring.keys[0]!.publicKey}
Old keys, which still open what is sealed for them: 1
Values that are sealed for an old key:
  default/hello: TOKEN
Next: seal each of them again, apply it, then remove the old keys:
  airfield seal --namespace default --name hello --into <its file> TOKEN
  airfield rotate-key --remove-old
`);
    for (const text of await confidential()) expect(stdout).not.toContain(text);
  });

  it('with --dry-run changes nothing', async () => {
    const before = await stored();
    const { code, stdout } = await airfield(['rotate-key', '--dry-run']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `Sealing key, as it is: ${first.keys[0]!.publicKey}\n` });
    expect(await stored()).toEqual(before);
  });

  it('loses no key where two rotate at the same time', async () => {
    const results = await Promise.all([airfield(['rotate-key']), airfield(['rotate-key'])]);
    const done = results.filter(({ code }) => code === 0);
    expect(done.length).toBeGreaterThan(0);
    const published = (await storedRing()).keys.map(({ publicKey }) => publicKey);
    expect(published).toHaveLength(1 + done.length);
    for (const { stdout } of done) expect(published).toContain(/age1\w+/.exec(stdout)?.[0]);
    for (const { code, stderr } of results)
      if (code !== 0) expect(stderr).toMatch(/^error: somebody else has just changed/);
  });

  it('removes old keys only when no Secret uses them any more', async () => {
    await airfield(['rotate-key']);
    const { keys } = await storedRing();
    const used = await airfield(['rotate-key', '--remove-old']);
    expect(used).toMatchObject({ code: 1, stderr: 'error: old keys are used, or may be: none is removed\n' });
    expect(used.stdout).toContain('Values that are sealed for an old key:\n  default/hello: TOKEN\n');
    await report(keys[0]!.publicKey, 0);
    const unseen = await airfield(['rotate-key', '--remove-old']);
    expect(unseen.code).toBe(1);
    expect(unseen.stdout).toBe(
      'Sealed values that the operator has not opened as they are now:\n  default/hello: TOKEN\n',
    );
    expect((await storedRing()).keys).toHaveLength(2);
    await report(keys[0]!.publicKey);
    const removed = await airfield(['rotate-key', '--remove-old']);
    const lines = `Old key, removed: ${keys[1]!.publicKey}\nSealing key: ${keys[0]!.publicKey}\n`;
    expect(removed).toEqual({ code: 0, stderr: '', stdout: lines });
    expect((await storedRing()).keys).toEqual([keys[0]]);
    expect(Object.keys((await stored()).data!)).toContain('note');
    expect((await airfield(['rotate-key', '--remove-old'])).stdout).toMatch(/^There are no old keys\.\n/);
  });

  it('says what is missing, and leaves broken keys alone', async () => {
    const elsewhere = await airfield(['rotate-key', '--operator-namespace', 'kube-system']);
    expect(elsewhere.code).toBe(2);
    expect(elsewhere.stderr).toMatch(
      /^error: there is no core Secret kube-system\/airfield-sealing-keys: start the operator.*\n$/,
    );
    const alice = await airfield(['rotate-key'], { kubeconfig: asAlice() });
    expect(alice).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: Forbidden: .*airfield-sealing-keys/),
    });
    await client.mergePatch(secrets, ringRef, { data: { 'digest-key': null } });
    const before = await stored();
    const broken = await airfield(['rotate-key']);
    expect(broken.code).toBe(2);
    expect(broken.stderr).toBe(
      'error: core Secret default/airfield-sealing-keys cannot be used: its entry digest-key is missing; put it back from a backup first\n',
    );
    expect(await stored()).toEqual(before);
  });
});

describe('airfield seal, with the key of the cluster,', () => {
  const args = ['seal', '--namespace', 'acme', '--name', 'hello', 'KEY'];

  it('makes a Secret that the API server takes, and the operator opens', async () => {
    const { code, stdout, stderr } = await airfield(args, { stdin: 'hunter2\n' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const secret = parse(stdout);
    const place = { namespace: 'acme', name: 'hello', key: 'KEY' };
    expect((await open(secret.spec.data.KEY.sealed, place, first)).value).toBe('hunter2');
    const placed = { ...secret, metadata: { ...secret.metadata, namespace } };
    await client.apply(ownSecrets, placed, { fieldManager: 'test', force: true, dryRun: true });
  });

  it('says where there is none, who may not read it, and what to do', async () => {
    const elsewhere = await airfield([...args, '--operator-namespace', 'kube-system'], { stdin: 'x' });
    expect(elsewhere.code).toBe(2);
    expect(elsewhere.stderr).toMatch(
      /^error: there is no ConfigMap kube-system\/airfield-sealing-key, .*`kubectl get configmaps -A .*--operator-namespace; else start the operator, or give the key with --public-key\n$/,
    );
    const alice = await airfield(args, { stdin: 'x', kubeconfig: asAlice() });
    expect(alice.stderr).toMatch(
      /^error: Forbidden: .*; ask for the right to get ConfigMap default\/airfield-sealing-key, or give/,
    );
    await client.mergePatch(configMaps, { namespace, name: publicKeyConfigMapName }, { data: { publicKey: 'x' } });
    const broken = await airfield(args, { stdin: 'x' });
    expect(broken.stderr).toMatch(/^error: ConfigMap default\/airfield-sealing-key: this is no public key of Airfield/);
  });
});
