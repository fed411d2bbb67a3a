import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };
import { chart } from './helm.ts';

const root = join(chart, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe('a release', () => {
  const { version, appVersion, annotations } = parse(read('charts/airfield/Chart.yaml'));

  it('has one version: of the package, of the chart and of the image that it asks for', () => {
    expect({ version, appVersion }).toEqual({ version: manifest.version, appVersion: manifest.version });
  });

  it('tells Artifact Hub of all kinds', () => {
    const kinds = parse(annotations['artifacthub.io/crds']) as { name: string }[];
    const crds = readdirSync(join(root, 'crds')).map((file) => parse(read(`crds/${file}`).split('\n---\n')[0] ?? ''));
    const names = crds.filter(({ kind }) => kind === 'CustomResourceDefinition').map(({ metadata }) => metadata.name);
    expect(kinds.map(({ name }) => name).sort()).toEqual(names.sort());
  });

  it('has the CRDs in the chart as they are for kubectl', () => {
    const files = readdirSync(join(root, 'crds'));
    expect(readdirSync(join(chart, 'files', 'crds'))).toEqual(files);
    for (const file of files) expect(read(`charts/airfield/files/crds/${file}`)).toBe(read(`crds/${file}`));
  });

  it('has an image with the Node.js that everything was tested with', () => {
    expect(read('Dockerfile')).toContain(`ARG NODE=${manifest.devDependencies.node}-`);
  });
});
