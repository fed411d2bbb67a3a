/** `node test/toml/fuzz.ts [count] [seed]` converts many hostile files. What fails is printed with the seed to see it again. */
import { seeded } from '../random.ts';
import { attacks, mutated, originals, weakness } from './hostile.ts';

const count = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
/** Milliseconds of a processor: others may be busy on the machine. */
const slow = 1000;
const places = ['file', 'overlay', 'patch'] as const;
console.log(`${count} files, seed ${seed}`);

const [files, random] = [originals(), seeded(seed)];
const cases = [...Object.values(attacks).map((file) => () => file)];
for (let number = 0; number < count; number++) {
  cases.push(() => mutated(files[Math.floor(random() * files.length)]!, random));
}

let [failures, slowest] = [0, 0];
for (const [number, make] of cases.entries()) {
  const file = make();
  const start = process.cpuUsage();
  const found = weakness(file, places[number % places.length]);
  const took = process.cpuUsage(start).user / 1000;
  slowest = Math.max(slowest, took);
  if (found === undefined && took < slow) continue;
  failures++;
  console.error(`file ${number}, ${Math.round(took)} ms: ${found ?? 'slow'}\n${JSON.stringify(file).slice(0, 2000)}\n`);
}
console.log(`${failures} failed; the slowest took ${Math.round(slowest)} ms`);
process.exitCode = failures > 0 ? 1 : 0;
