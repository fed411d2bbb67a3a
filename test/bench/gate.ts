/**
 * `npm run bench -- gate [cold] [together] [warm] [limits] [suspend]`: what gates cost as pods of the embedded Kubernetes, each
 * figure beside its floor in the same run. Needs what the embedded cluster needs, haproxy, and wrk for `warm`. The cluster
 * is its own, AIRFIELD_BENCH_CLUSTER or `airfield-bench`; AIRFIELD_KEEP_CLUSTER=1 leaves it up. AIRFIELD_BENCH_WAKES (50),
 * _TOGETHER (25,100), _ROUNDS (5) and _RESUMPTIONS (20) say how much is measured. Only tells; fails for no figure.
 */
import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { chooseProvider } from '../cluster/choose.ts';
import { buildImage } from '../cluster/image/build.ts';
import { onStderr } from '../cluster/progress.ts';
import { buildAirfieldImage } from '../e2e/airfield-image.ts';
import { inside } from '../e2e/inside.ts';
import { parts } from './gate/parts.ts';

const name = process.env.AIRFIELD_BENCH_CLUSTER ?? 'airfield-bench';
const asked = process.argv.slice(2);
const unknown = asked.filter((part) => !parts.includes(part));
if (unknown.length > 0) {
  console.error(`there is no part ${unknown.join(', ')} of the benchmark gate; there are ${parts.join(', ')}`);
  process.exit(2);
}

const provider = await chooseProvider({ name, provider: 'embedded' });
await provider.up({ nodes: 2, apiOnly: false }, onStderr);
try {
  const echo = join(import.meta.dirname, '..', 'e2e', 'images', 'echo');
  for (const image of [await buildAirfieldImage(), await buildImage(echo)]) await provider.loadImage(image, onStderr);
  console.log(`load of the machine at the beginning: ${loadavg()[0]?.toFixed(1)}`);
  process.exitCode = await runInside(await inside(name));
} finally {
  if (!process.env.AIRFIELD_KEEP_CLUSTER) await provider.down(onStderr);
}

/** Where machines are reached as gates reach them, with one clock for all that is measured. An interruption ends it first. */
function runInside({ command, kubeconfig }: Awaited<ReturnType<typeof inside>>): Promise<number> {
  const [program = '', ...args] = [...command, process.execPath, join(import.meta.dirname, 'gate', 'inside.ts')];
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const child = spawn(program, [...args, ...(asked.length > 0 ? asked : parts)], { env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.on('error', reject).on('close', (code) => resolve(code ?? 1));
  return promise;
}
