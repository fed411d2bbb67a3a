import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { type Conversion, convert } from '../../src/toml/convert.ts';
import { formatOf } from '../../src/toml/document.ts';
import type { AppManifest, Manifest } from '../../src/toml/manifest.ts';
import { patchApps } from '../../src/toml/patch.ts';
import { renderYaml } from '../../src/toml/render.ts';
import { problemLine } from '../../src/toml/report-text.ts';
import { secretOf } from '../../src/toml/secret-manifest.ts';

/**
 * Every folder of test/golden/: what its fly.toml becomes, and what is said about it. A fly.json or fly.yaml beside it
 * becomes the same; patch.yaml is a patch of it, machines.json its machines on Fly, secrets.env its secrets, whose values
 * are not sealed here; all other files are overlays, in the order of their names. After a change on purpose, `npx vitest run --project unit test/toml/golden.test.ts -u` writes the expectations anew.
 */
const golden = fileURLToPath(new URL('../golden/', import.meta.url));
const isOverlay = (file: string) =>
  !/^(fly\.(toml|json|yaml)|machines\.json|secrets\.env|patch\.yaml|expected\.yaml|.*stderr\.txt)$/.test(file);

it.each(readdirSync(golden))('%s becomes what is expected of it', async (name) => {
  const { documents, said } = conversion(name, 'fly.toml');
  if (said || existsSync(`${golden}${name}/stderr.txt`)) {
    await expect(said).toMatchFileSnapshot(`${golden}${name}/stderr.txt`);
  }
  await expect(documents.map(renderYaml).join('---\n')).toMatchFileSnapshot(`${golden}${name}/expected.yaml`);
  for (const file of ['fly.json', 'fly.yaml'].filter((file) => existsSync(`${golden}${name}/${file}`))) {
    const other = conversion(name, file);
    expect(other.documents).toEqual(documents);
    await expect(other.said).toMatchFileSnapshot(`${golden}${name}/${file}.stderr.txt`);
  }
});

function documentsOf(apps: readonly AppManifest[], { secrets, resources = [] }: Partial<Conversion>): Manifest[] {
  const data = Object.fromEntries([...(secrets ?? [])].map(([key, value]) => [key, { value }]));
  return [...(secrets ? apps.map((app) => secretOf(app, data)) : []), ...apps, ...resources];
}

function conversion(name: string, file: string): { documents: Manifest[]; said: string } {
  const read = (file: string) => ({ file, text: readFileSync(`${golden}${name}/${file}`, 'utf8') });
  const { text } = read(file);
  const files = readdirSync(`${golden}${name}`).sort();
  const image = /^\s*("build": \{ |build: \{ )?"?image"?( =|:) /m.test(text)
    ? undefined
    : `registry.example.com/acme/${name}:1`;
  const overlays = files.filter(isOverlay).map(read);
  const [machines, secrets] = ['machines.json', 'secrets.env'].map((name) =>
    files.includes(name) ? read(name) : undefined,
  );
  const options = { image, overlays, machines, secrets, plainSecrets: true, format: formatOf(file, text) };
  const { app, problems, ...beside } = convert(text, options);
  const patches = files.filter((file) => file === 'patch.yaml').map(read);
  const patched = patchApps(app ? [app] : [], patches);
  const said = [...problems, ...patched.problems].map((problem) => `${problemLine(file, problem)}\n`).join('');
  return { documents: documentsOf(patched.apps, beside), said };
}
