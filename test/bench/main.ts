/** `npm run bench -- [name [argument…]]`: runs the benchmark of that name, or all of them, one after the other. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;
const all = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
  .map((file) => file.slice(0, -'.ts'.length));

const [name, ...args] = process.argv.slice(2);
if (name && !all.includes(name)) {
  console.error(`there is no benchmark ${name}; there are ${all.join(', ')}`);
  process.exitCode = 2;
} else {
  for (const one of name ? [name] : all) {
    const { status } = spawnSync(process.execPath, [join(folder, `${one}.ts`), ...args], { stdio: 'inherit' });
    process.exitCode ||= status ?? 1;
  }
}
