/** The benchmark of gates, in the network of the cluster's first node: `inside.ts PART…`. */
import { Bench } from './bench.ts';
import { cold } from './cold.ts';
import { limits } from './limits.ts';
import { suspend } from './suspend.ts';
import { together } from './together.ts';
import { warm } from './warm.ts';

const runs: Readonly<Record<string, (bench: Bench) => Promise<void>>> = { cold, together, warm, limits, suspend };

const bench = await Bench.start();
try {
  for (const part of process.argv.slice(2)) await runs[part]?.(bench);
} finally {
  await bench.stop();
}
