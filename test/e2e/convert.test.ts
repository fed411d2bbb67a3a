import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../cluster/exec.ts';
import { clientApp, helloImage } from './apps.ts';
import { Namespace, until } from './kubectl.ts';
import { OperatorProcess } from './operator.ts';

const root = join(import.meta.dirname, '..', '..');
const golden = join(root, 'test', 'golden');

/** Files from real life, with what takes the place of their image: the hello example, listening where theirs does. */
const files = [
  { app: 'terrateam-app-staging', image: helloImage, path: '/health' },
  { app: 'next-fly-test', image: 'airfield.local/hello-3000:1', path: '/' },
];

let operator: OperatorProcess;
let namespace: Namespace;

beforeAll(async () => {
  namespace = await Namespace.create('golden');
  operator = await OperatorProcess.startIn(namespace);
  await namespace.apply(clientApp());
  await namespace.waitReady('client');
});
afterAll(async () => {
  await namespace.delete();
  await operator.stop();
});

const convert = (file: string, ...options: string[]) =>
  run(process.execPath, [join(root, 'src', 'cli.ts'), 'convert', file, ...options]);

async function fileOf(app: string): Promise<string> {
  for (const name of await readdir(golden)) {
    const file = join(golden, name, 'fly.toml');
    if (new RegExp(`^app = ['"]${app}['"]`, 'm').test(await readFile(file, 'utf8'))) return file;
  }
  throw new Error(`no golden case has the app ${app}`);
}

describe('a fly.toml from real life', () => {
  it.each(files)('of $app converts, runs and answers', async ({ app, image, path }) => {
    const manifest = await convert(await fileOf(app), '--image', image);
    await namespace.kubectl(['apply', '-f', '-'], manifest);
    await namespace.waitReady(app);
    // kube-proxy takes a moment to learn of a machine that Kubernetes calls ready.
    const answer = await until(`${app} to answer`, () =>
      namespace.exec('client', 'timeout', '5', 'wget', '-qO-', `http://${app}${path}`),
    );
    expect(answer).toMatch(path === '/health' ? /^ok$/m : new RegExp(`"app": "${app}"`));
  });

  it.each(files)('of $app is read back by kubectl as it was printed', async ({ app, image }) => {
    const manifest = await convert(await fileOf(app), '--image', image);
    expect(await namespace.kubectl(['apply', '-f', '-'], manifest)).toContain('unchanged');
    await expect(namespace.kubectl(['diff', '-f', '-'], manifest)).resolves.toBe('');
  });

  it.each(files)('of $app says in a condition what is not acted on yet', async ({ app }) => {
    const { status } = await namespace.get<{ status: { conditions: { type: string; message: string }[] } }>('app', app);
    const message = status.conditions.find(({ type }) => type === 'Unrealised')?.message;
    expect(message).toContain('forceHttps');
    expect(message).toContain(
      app === 'next-fly-test' ? 'spec.services[0].autoStop' : 'spec.services[0].concurrency.hardLimit',
    );
  });
});
