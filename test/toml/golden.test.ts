import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { convert } from '../../src/toml/convert.ts';
import { renderYaml } from '../../src/toml/render.ts';
import { problemLine } from '../../src/toml/report-text.ts';

/**
 * Every folder of test/golden/: what its fly.toml becomes, and what is said about it. After a change on purpose,
 * `npx vitest run --project unit test/toml/golden.test.ts -u` writes the expectations anew.
 */
const golden = fileURLToPath(new URL('../golden/', import.meta.url));

it.each(readdirSync(golden))('%s becomes its expected App', async (name) => {
  const text = readFileSync(`${golden}${name}/fly.toml`, 'utf8');
  const image = /^\s*image = /m.test(text) ? undefined : `registry.example.com/acme/${name}:1`;
  const { app, problems } = convert(text, { image });
  const said = problems.map((problem) => `${problemLine('fly.toml', problem)}\n`).join('');
  if (said || existsSync(`${golden}${name}/stderr.txt`)) {
    await expect(said).toMatchFileSnapshot(`${golden}${name}/stderr.txt`);
  }
  await expect(app && renderYaml(app)).toMatchFileSnapshot(`${golden}${name}/expected.yaml`);
});
