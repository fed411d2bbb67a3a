import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { apiVersion } from '../../../src/api/meta.ts';
import { apps } from '../../../src/controller/resources.ts';
import { namespaces } from '../../../src/kube/resources.ts';
import { ensureBinaries } from '../../cluster/binaries.ts';
import { run } from '../../cluster/exec.ts';
import { client, installCrd } from '../api/app-verdict.ts';

const cli = join(import.meta.dirname, '..', '..', '..', 'src', 'cli.ts');
const kubeconfig = inject('kubeconfig');
const folder = mkdtempSync(join(tmpdir(), 'airfield-diff-'));
const namespace = `diff-${randomBytes(4).toString('hex')}`;

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `airfield diff -` of a text, in the namespace of these tests. */
function diff(text: string, args: string[] = ['--namespace', namespace], config = kubeconfig): Promise<Result> {
  return new Promise((resolve) => {
    const env = { ...process.env, KUBECONFIG: config };
    const child = execFile(process.execPath, [cli, 'diff', '-', ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
    child.stdin?.end(text);
  });
}

/** Lines that go and come, without the header. */
const changes = (stdout: string) => stdout.split('\n').filter((line, index) => index > 1 && /^[-+]/.test(line));

const flyToml = (app: string, more = '') => `app = "${app}"\n${more}\n[build]\nimage = "x:1"\n`;
const manifest = (name: string, spec: object = {}) => ({
  apiVersion,
  kind: 'App' as const,
  metadata: { name, namespace },
  spec: { image: 'x:1', ...spec },
});
const store = (name: string, spec: object, fieldManager = 'kubectl') =>
  client.apply(apps, manifest(name, spec), { fieldManager });

/** The kubeconfig of the tests with another server or user. */
function kubeconfigWith(name: string, change: (config: { clusters: Cluster[]; users: User[] }) => void): string {
  const config = parse(readFileSync(kubeconfig, 'utf8'));
  change(config);
  const path = join(folder, name);
  writeFileSync(path, stringify(config), { mode: 0o600 });
  return path;
}
interface Cluster {
  cluster: { server: string };
}
interface User {
  user: { token: string };
}

beforeAll(async () => {
  await installCrd();
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('airfield diff, against a real API server,', () => {
  it('shows a new App as a whole, and stores nothing', async () => {
    const { code, stdout, stderr } = await diff(flyToml('new', '[env]\nA = "1"'));
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const [oldName, newName, range, ...lines] = stdout.trimEnd().split('\n');
    expect([oldName, newName]).toEqual(['--- /dev/null', `+++ applied/${namespace}/new`]);
    expect(range).toMatch(/^@@ -0,0 \+1,\d+ @@$/);
    expect(lines.every((line) => line.startsWith('+'))).toBe(true);
    expect(lines).toEqual(expect.arrayContaining(['+kind: App', '+  name: new', '+    A: "1"', '+  image: x:1']));
    await expect(client.get(apps, { namespace, name: 'new' })).rejects.toThrow('NotFound');
  });

  it('says nothing of an App that is as it should be', async () => {
    await store('same', { env: { A: '1' } });
    expect(await diff(flyToml('same', '[env]\nA = "1"'))).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('shows what is changed, what is new and what is gone, and nothing of versions and times', async () => {
    await store('changed', { env: { A: '1', B: '2' } });
    const { code, stdout, stderr } = await diff(flyToml('changed', '[env]\nA = "9"\nC = "3"'));
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^--- live/${namespace}/changed\n\\+\\+\\+ applied/${namespace}/changed\n@@ `));
    expect(changes(stdout)).toEqual(['-    A: "1"', '-    B: "2"', '+    A: "9"', '+    C: "3"']);
    expect(stdout).not.toMatch(/managedFields|resourceVersion|generation|uid|Timestamp|status/);
  });

  it('knows overlays, patches and counts as convert does', async () => {
    await store('overlaid', { env: { A: '1', B: '1' } });
    const [overlay, patch] = [join(folder, 'overlay.toml'), join(folder, 'patch.yaml')];
    writeFileSync(overlay, '[env]\nB = "2"\n');
    writeFileSync(patch, 'kind: App\nmetadata: { name: overlaid }\nspec: { env: { C: "3" } }\n');
    const args = ['--namespace', namespace, '-f', overlay, '--patch', patch, '--count', '3'];
    const { code, stdout, stderr } = await diff(flyToml('overlaid', '[env]\nA = "1"\nB = "1"'), args);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(changes(stdout)).toEqual(expect.arrayContaining(['-    B: "1"', '+    B: "2"', '+    C: "3"']));
    expect(stdout).toMatch(/^\+ +count: 3$/m);
  });

  it.each([[[]], [['--server-side']]])(
    'shows what `kubectl apply` takes from an App that it applied from the client, with %j',
    async (how) => {
      const { kubectl } = await ensureBinaries(['kubectl']);
      const name = how.length > 0 ? 'moved-to-server' : 'client-side';
      const apply = async (env: object, flags: string[]) => {
        const path = join(folder, `${name}.yaml`);
        writeFileSync(path, stringify(manifest(name, { env })));
        await run(kubectl, ['--kubeconfig', kubeconfig, 'apply', ...flags, '-f', path]);
      };
      await apply({ A: '1', B: '2' }, []);
      const { code, stdout } = await diff(flyToml(name, '[env]\nA = "1"'));
      expect(code).toBe(1);
      expect(changes(stdout)).toEqual(['-    B: "2"']);
      await apply({ A: '1' }, how);
      expect(await diff(flyToml(name, '[env]\nA = "1"'))).toEqual({ code: 0, stdout: '', stderr: '' });
    },
  );

  it('shows a change of what somebody else owns, and says whose it is', async () => {
    await store('owned', { env: { A: '1' } }, 'somebody');
    const { code, stdout, stderr } = await diff(flyToml('owned', '[env]\nA = "9"'));
    expect(code).toBe(1);
    expect(stdout).toContain('+    A: "9"');
    expect(stderr).toMatch(/^note: Conflict: .*"somebody".*\.spec\.env\.A; .*--force-conflicts\n$/);
  });

  it('shows what goes from what another applies, in whose name it asks', async () => {
    await store('fluxed', { env: { A: '1', B: '2' } }, 'kustomize-controller');
    const args = ['--namespace', namespace, '--field-manager', 'kustomize-controller'];
    const { code, stdout, stderr } = await diff(flyToml('fluxed', '[env]\nA = "9"'), args);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/- {4}A: "1"\n- {4}B: "2"\n\+ {4}A: "9"\n/);
  });

  it('keeps what others own and the file does not speak of', async () => {
    await store('shared', {});
    await client.mergePatch(apps, { namespace, name: 'shared' }, { spec: { count: 3 } }, { fieldManager: 'scaler' });
    expect(await diff(flyToml('shared'))).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('reads Apps as YAML, and compares nothing else', async () => {
    await store('from-yaml', {});
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, stringData: { PASSWORD: 'hunter2' } };
    const text = `${stringify(manifest('from-yaml', { count: 2 }))}---\n${stringify(secret)}`;
    const { code, stdout, stderr } = await diff(text);
    expect(code).toBe(1);
    expect(stdout).toContain('+  count: 2');
    expect(stderr).toBe('note: Secret/db is not compared: `airfield diff` compares Apps alone\n');
    expect(stdout).not.toContain('hunter2');
  });

  it('reads what `kubectl get -o yaml` prints', async () => {
    await store('got', {});
    const stored = await client.get(apps, { namespace, name: 'got' });
    expect(await diff(stringify(stored))).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('names the field that the API server refuses, with exit code 2', async () => {
    await store('refused', { mounts: [{ name: 'data', destination: '/data', size: '10Gi' }] });
    const smaller = '[mounts]\nsource = "data"\ndestination = "/data"\ninitial_size = "5gb"';
    const { code, stdout, stderr } = await diff(flyToml('refused', smaller));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: Invalid: App "refused": spec\.mounts\[0]\.size: .*a volume cannot shrink.*\n$/);
  });

  it.each(['stored', 'new'])('refuses a field that an App does not have, in one that is %s', async (name) => {
    const { kubectl } = await ensureBinaries(['kubectl']);
    const path = join(folder, 'unknown-field.yaml');
    writeFileSync(path, stringify(manifest('unknown-stored')));
    await run(kubectl, ['--kubeconfig', kubeconfig, 'apply', '-f', path]);
    const { code, stderr } = await diff(stringify(manifest(`unknown-${name}`, { imge: 'x:1' })));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: .*imge/);
  });

  it('says who may not, and how to see it', async () => {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'nobody' } };
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    await client.raw('POST', accounts, account);
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { status } = await client.raw<{ status: { token: string } }>('POST', `${accounts}/nobody/token`, request);
    const config = kubeconfigWith('nobody', ({ users: [first] }) => {
      first!.user = { token: status.token };
    });
    const { code, stdout, stderr } = await diff(flyToml('forbidden'), ['--namespace', namespace], config);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: Forbidden: .*nobody" cannot get resource "apps".*`kubectl auth can-i .*`\n$/);
  });

  it('says that the cluster does not answer', async () => {
    const config = kubeconfigWith('nowhere', ({ clusters: [first] }) => {
      first!.cluster.server = 'https://127.0.0.1:1';
    });
    const { code, stdout, stderr } = await diff(flyToml('x'), [], config);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: Unreachable: no connection to https:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\).*\n$/);
  });

  it('says that there is no such namespace', async () => {
    const { code, stderr } = await diff(flyToml('x'), ['--namespace', 'not-there']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: NotFound: .*not-there.*`kubectl create namespace not-there`\n$/);
  });

  it('says that there is no such context', async () => {
    const { code, stderr } = await diff(flyToml('x'), ['--context', 'mars']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: No context "mars" in .*; it has .*\n$/);
  });
});
