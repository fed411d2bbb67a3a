import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import type { AppSpecInput } from '../../../src/api/app.ts';
import { ownResourceOf } from '../../../src/controller/resources.ts';
import { type Client, connect } from '../../../src/kube/client.ts';
import { isAlreadyExists } from '../../../src/kube/errors.ts';
import { configMaps, namespaces } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { kubectlPath } from '../../cluster/binaries.ts';
import { run } from '../../cluster/exec.ts';
import { serveOwnKinds } from '../own-kinds.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const layout = join(root, 'examples', 'gitops');
const docs = join(root, 'docs', 'gitops');
const overlays = join(layout, 'apps', 'hello', 'overlays');
const folder = mkdtempSync(join(tmpdir(), 'airfield-gitops-'));
let client: Client;
let kubectl: string;

type Built = KubeObject & {
  readonly spec: Partial<AppSpecInput> & { readonly app?: string; readonly apps?: string[] };
};

const text = (...path: string[]) => readFileSync(join(layout, ...path), 'utf8');
const documents = (yaml: string) => parseAllDocuments(yaml).map((document) => document.toJS() as Built);
const build = async (path: string) => documents(await run(kubectl, ['kustomize', path]));

async function home(name: string): Promise<void> {
  await client
    .create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    .catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
}

/** What the API server says to all objects together; nothing is kept. */
async function verdicts(objects: readonly Built[]): Promise<string[]> {
  const said = objects.map(async (object) => {
    await home(object.metadata.namespace ?? '');
    return client.apply(ownResourceOf(object), object, { fieldManager: 'test', dryRun: true }).then(
      () => 'accepted',
      (error: Error) => error.message,
    );
  });
  return Promise.all(said);
}

const appOf = (objects: readonly Built[]) => objects.find(({ kind }) => kind === 'App')!;

beforeAll(async () => {
  client = await connect({ kubeConfigPath: inject('kubeconfig') });
  kubectl = await kubectlPath();
  await serveOwnKinds(client);
});
afterAll(() => {
  client?.close();
  rmSync(folder, { recursive: true });
});

describe('the overlay of each environment', () => {
  it.each(readdirSync(overlays))('%s is built by kustomize, and accepted by the API server', async (name) => {
    const objects = await build(join(overlays, name));
    expect(objects.map(({ kind }) => kind).sort()).toEqual(['App', 'Schedule', 'Secret']);
    expect(await verdicts(objects)).toEqual(['accepted', 'accepted', 'accepted']);
  });

  it('differs from the others in what it says, and in nothing else', async () => {
    const [staging, production] = await Promise.all(
      ['staging', 'production'].map(async (name) => appOf(await build(join(overlays, name)))),
    );
    expect(staging).toMatchObject({
      metadata: { name: 'hello', namespace: 'hello-staging' },
      spec: { image: 'registry.example.com/hello:1.5.0-rc.2', env: { LOG_LEVEL: 'debug' } },
    });
    expect(production).toMatchObject({
      metadata: { name: 'hello', namespace: 'hello-production' },
      spec: { image: 'registry.example.com/hello:1.4.7', deletionProtection: true, processes: [{ count: 3 }] },
    });
    expect(production?.spec.services).toEqual(staging?.spec.services);
  });
});

interface ApplicationSet {
  readonly spec: {
    readonly generators: { readonly git?: { directories: { path: string }[] } }[];
    readonly template: {
      readonly spec: {
        readonly source: { readonly path: string; readonly kustomize?: { nameSuffix: string; images: string[] } };
        readonly destination: { readonly namespace: string };
      };
    };
  };
}

describe('Argo CD', () => {
  it('makes of a pull request an App of its own, with all that belongs to it', async () => {
    const { source, destination } = (parse(text('argocd', 'previews.yaml')) as ApplicationSet).spec.template.spec;
    const filled = (template = '') => template.replaceAll('{{.number}}', '12').replaceAll('{{.head_sha}}', 'f00d');
    const copy = join(folder, 'argo');
    cpSync(layout, copy, { recursive: true });
    const path = join(copy, source.path, 'kustomization.yaml');
    const [name, newTag] = filled(source.kustomize?.images[0]).split(/:(?=[^:/]*$)/);
    const more = { nameSuffix: filled(source.kustomize?.nameSuffix), images: [{ name, newTag }] };
    writeFileSync(path, stringify({ ...parse(readFileSync(path, 'utf8')), ...more }));
    const objects = await build(join(copy, source.path));
    expect(await verdicts(objects)).toEqual(['accepted', 'accepted', 'accepted']);
    const named = Object.fromEntries(objects.map(({ kind, metadata }) => [kind, metadata.name]));
    expect(named).toEqual({ App: 'hello-pr-12', Secret: 'hello-pr-12', Schedule: 'hello-cleanup-pr-12' });
    expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(new Set([destination.namespace]));
    expect(appOf(objects).spec.image).toBe('registry.example.com/hello:f00d');
    expect(objects.find(({ kind }) => kind === 'Schedule')?.spec.app).toBe('hello-pr-12');
    expect(objects.find(({ kind }) => kind === 'Secret')?.spec.apps).toEqual(['hello-pr-12']);
  });

  it('finds the overlays that there are', () => {
    const { generators } = (parse(text('argocd', 'environments.yaml')) as ApplicationSet).spec;
    const patterns = generators[0]?.git?.directories.map(({ path }) => path) ?? [];
    expect(patterns).toEqual(['apps/*/overlays/*', 'apps/*/overlays/preview']);
    expect(existsSync(join(overlays, 'preview'))).toBe(true);
  });

  it('gets the health scripts by the command that the file names', async () => {
    await home('argocd');
    const existing = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm', namespace: 'argocd' } };
    await client.create(configMaps, { ...existing, data: { url: 'https://argocd.example.com' } } as KubeObject);
    const file = join(docs, 'argocd', 'argocd-cm.yaml');
    const command = /kubectl (patch .*) --patch-file/.exec(readFileSync(file, 'utf8'))?.[1]?.split(' ') ?? [];
    await run(kubectl, ['--kubeconfig', inject('kubeconfig'), ...command, '--patch-file', file]);
    const { data } = await client.get<{ data: Record<string, string> }>(configMaps, existing.metadata);
    const scripts = Object.entries(data).filter(([key]) =>
      key.startsWith('resource.customizations.health.airfield.dev_'),
    );
    expect(scripts).toHaveLength(4);
    for (const [, script] of scripts) expect(script).toContain('return { status = "Healthy"');
    expect(data.url).toBe('https://argocd.example.com');
  });
});

interface FluxKustomization extends KubeObject {
  readonly spec: {
    readonly path: string;
    readonly wait?: boolean;
    readonly sourceRef: { readonly name: string };
    readonly dependsOn?: readonly { readonly name: string }[];
    readonly healthCheckExprs?: readonly object[];
  };
}

describe('Flux', () => {
  it('has a Kustomization with the health checks for each environment', async () => {
    const objects = (await build(join(layout, 'flux'))) as unknown as FluxKustomization[];
    const kustomizations = objects.filter(({ kind }) => kind === 'Kustomization');
    const source = objects.find(({ kind }) => kind === 'GitRepository');
    const wanted = parse(readFileSync(join(docs, 'flux', 'health-checks.yaml'), 'utf8')).spec.healthCheckExprs;
    expect(kustomizations.map(({ metadata }) => metadata.name).sort()).toEqual(['hello-production', 'hello-staging']);
    for (const { spec } of kustomizations) {
      expect(existsSync(join(layout, spec.path, 'kustomization.yaml'))).toBe(true);
      expect(spec).toMatchObject({ wait: true, sourceRef: { name: source?.metadata.name }, healthCheckExprs: wanted });
      for (const { name } of spec.dependsOn ?? [])
        expect(kustomizations.map(({ metadata }) => metadata.name)).toContain(name);
    }
  });
});

interface Workflow {
  readonly jobs: Record<string, { readonly steps: { readonly name?: string; readonly run?: string }[] }>;
}

describe('the workflow for pull requests', () => {
  it('makes an App that the API server accepts, and that ends by itself', async () => {
    const workflow = parse(text('github', 'preview.yaml')) as Workflow;
    const step = workflow.jobs.deploy?.steps.find(({ name }) => name === 'Make the App')?.run ?? '';
    // What GitHub would fill in is in the environment alone.
    expect(step).not.toContain('${{');
    const program = join(folder, 'airfield');
    writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'src', 'cli.ts')}" "$@"\n`);
    chmodSync(program, 0o755);
    cpSync(join(root, 'examples', 'hello', 'fly.toml'), join(folder, 'fly.toml'));
    const path = `${folder}${delimiter}${process.env.PATH}`;
    const env = { ...process.env, PATH: path, NAME: 'hello-pr-12', IMAGE: 'ghcr.io/acme/hello:f00d' };
    await run('bash', ['-e', '-c', step], { cwd: folder, env });
    const objects = documents(readFileSync(join(folder, 'app.yaml'), 'utf8'));
    expect(objects).toEqual([
      expect.objectContaining({
        metadata: { name: 'hello-pr-12', namespace: 'previews' },
        spec: expect.objectContaining({ image: 'ghcr.io/acme/hello:f00d', expiresAfter: '72h' }),
      }),
    ]);
    expect(await verdicts(objects)).toEqual(['accepted']);
  });
});
