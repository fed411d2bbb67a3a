/** `npm run docs` writes docs/fly-toml.md from the converter; with `--check` it only says whether it is up to date. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { flyTomlDocs } from '../toml/docs.ts';

const path = new URL('../../docs/fly-toml.md', import.meta.url);
const text = flyTomlDocs();
if (!process.argv.includes('--check')) {
  writeFileSync(path, text);
} else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
  console.error('docs/fly-toml.md does not match src/toml/: run `npm run docs` and commit it');
  process.exitCode = 1;
}
