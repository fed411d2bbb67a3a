import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { type AppManifest, convert } from '../../src/toml/convert.ts';
import { formatOf } from '../../src/toml/document.ts';
import { patchApps } from '../../src/toml/patch.ts';
import { renderYaml } from '../../src/toml/render.ts';
import { problemLine } from '../../src/toml/report-text.ts';

/**
 * Every folder of test/golden/: what its fly.toml becomes, and what is said about it. A fly.json or fly.yaml beside it
 * becomes the same; patch.yaml is a patch of it; all other files are overlays, in the order of their names. After a
 * change on purpose, `npx vitest run --project unit test/toml/golden.test.ts -u` writes the expectations anew.
 */
const golden = fileURLToPath(new URL('../golden/', import.meta.url));
const isOverlay = (file: string) => !/^(fly\.(toml|json|yaml)|patch\.yaml|expected\.yaml|.*stderr\.txt)$/.test(file);

it.each(readdirSync(golden))('%s becomes its expected App', async (name) => {
  const { app, said } = conversion(name, 'fly.toml');
  if (said || existsSync(`${golden}${name}/stderr.txt`)) {
    await expect(said).toMatchFileSnapshot(`${golden}${name}/stderr.txt`);
  }
  await expect(app && renderYaml(app)).toMatchFileSnapshot(`${golden}${name}/expected.yaml`);
  for (const file of ['fly.json', 'fly.yaml'].filter((file) => existsSync(`${golden}${name}/${file}`))) {
    const other = conversion(name, file);
    expect(other.app).toEqual(app);
    await expect(other.said).toMatchFileSnapshot(`${golden}${name}/${file}.stderr.txt`);
  }
});

function conversion(name: string, file: string): { app: AppManifest | undefined; said: string } {
  const read = (file: string) => ({ file, text: readFileSync(`${golden}${name}/${file}`, 'utf8') });
  const { text } = read(file);
  const files = readdirSync(`${golden}${name}`).sort();
  const image = /^\s*("build": \{ |build: \{ )?"?image"?( =|:) /m.test(text)
    ? undefined
    : `registry.example.com/acme/${name}:1`;
  const overlays = files.filter(isOverlay).map(read);
  const { app, problems } = convert(text, { image, overlays, format: formatOf(file, text) });
  const patches = files.filter((file) => file === 'patch.yaml').map(read);
  const patched = patchApps(app ? [app] : [], patches);
  const said = [...problems, ...patched.problems].map((problem) => `${problemLine(file, problem)}\n`).join('');
  return { app: patched.apps[0], said };
}
