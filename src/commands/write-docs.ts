/** `npm run docs` writes what of docs/ is made from the sources; with `--check` it only says whether it is up to date. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { appCrd, machineCrd, scheduleCrd, secretCrd } from '../api/crds.ts';
import { reference } from '../api/reference.ts';
import { flyTomlDocs } from '../toml/docs.ts';

writeOrCheck('docs/fly-toml.md', 'src/toml/', flyTomlDocs());
writeOrCheck('docs/reference/app.md', 'src/api/', reference(appCrd(), 'concepts.md'));
writeOrCheck('docs/reference/machine.md', 'src/api/', reference(machineCrd(), 'machines.md'));
writeOrCheck('docs/reference/secret.md', 'src/api/', reference(secretCrd(), 'secrets.md'));
writeOrCheck('docs/reference/schedule.md', 'src/api/', reference(scheduleCrd(), 'schedules.md'));

function writeOrCheck(path: string, source: string, text: string): void {
  const url = new URL(`../../${path}`, import.meta.url);
  if (!process.argv.includes('--check')) {
    mkdirSync(new URL('.', url), { recursive: true });
    writeFileSync(url, text);
  } else if (!existsSync(url) || readFileSync(url, 'utf8') !== text) {
    console.error(`${path} does not match ${source}: run \`npm run docs\` and commit it`);
    process.exitCode = 1;
  }
}
