/**
 * `npm run bench -- convert [--files 1000]`: what `airfield convert` of the bundle costs: one file, and a folder of so many.
 * Times stand beside a floor measured in the same run: `node -e 0`. Only tells; fails for no figure.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sizesFrom } from './measure/options.ts';
import { type Row, record } from './measure/record.ts';

const {
  sizes: { files: count },
  isKept,
} = sizesFrom({ files: 1000 });
const bundle = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');
const folder = mkdtempSync(join(tmpdir(), 'airfield-bench-'));

try {
  for (let index = 0; index < count; index++) {
    mkdirSync(join(folder, `app-${index}`));
    writeFileSync(join(folder, `app-${index}`, 'fly.toml'), flyToml(index));
  }
  const one = join(folder, 'app-0', 'fly.toml');
  const cases: [string, number, string[]][] = [
    ['node -e 0', 20, ['-e', '0']],
    ['airfield --version', 20, [bundle, '--version']],
    ['convert of one file', 20, [bundle, 'convert', one]],
    ['explain of a key', 20, [bundle, 'explain', 'http_service.internal_port']],
    [`convert of ${count} files`, 5, [bundle, 'convert', folder]],
    [`the same with --report json`, 5, [bundle, 'convert', folder, '--report', 'json']],
  ];
  const medians = medianTimes(cases);
  const floor = medians[0] ?? 1;
  const rows = cases.slice(1).map(([what], index): Row => {
    const time = medians[index + 1] ?? 0;
    return { what, figure: milliseconds(time), floor: milliseconds(floor), times: (time / floor).toFixed(1) };
  });
  const perSecond = { what: '– files a second', figure: ((1000 * count) / (medians[4] ?? 1)).toFixed(0) };
  record('convert', rows.toSpliced(4, 0, perSecond), isKept);
} finally {
  rmSync(folder, { recursive: true });
}

function milliseconds(time: number): string {
  return `${time.toFixed(0)} ms`;
}

/** In turns, so that all of them have the same share of what else the machine does. */
function medianTimes(cases: readonly [string, number, string[]][]): number[] {
  const times = cases.map((): number[] => []);
  for (let turn = 0; turn < 20; turn++) {
    for (const [index, [title, runs, args]] of cases.entries()) {
      if (turn >= runs) continue;
      const began = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { maxBuffer: 2 ** 30, encoding: 'utf8' });
      times[index]?.push(performance.now() - began);
      if (status !== 0) throw new Error(`${title}: exit code ${status}: ${stderr.slice(0, 500)}`);
    }
  }
  return times.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0);
}

/** A file as people write it, with a few things that not all have. */
function flyToml(index: number): string {
  const env = Array.from({ length: 3 + (index % 10) }, (_, key) => `  KEY_${key} = "value ${index}"\n`).join('');
  const mounts = `[[mounts]]\n  source = "data"\n  destination = "/data"\n  initial_size = "${1 + (index % 9)}gb"\n  processes = ["worker"]\n\n`;
  return `# app ${index}
app = "app-${index}"
primary_region = "iad"
kill_signal = "SIGTERM"

[build]
  image = "registry.example.com/acme/app-${index}:${index}"

[env]
${env}
[processes]
  app = "bin/server --port 8080"
  worker = "bin/worker"

${index % 3 === 0 ? mounts : ''}[http_service]
  internal_port = ${8000 + (index % 100)}
  force_https = true
  auto_stop_machines = "stop"
  auto_start_machines = true
  min_machines_running = ${index % 2}
  processes = ["app"]

  [http_service.concurrency]
    type = "requests"
    soft_limit = 200

  [[http_service.checks]]
    interval = "10s"
    timeout = "2s"
    grace_period = "5s"
    path = "/healthz"

[[vm]]
  size = "shared-cpu-1x"
  memory = "${256 * (1 + (index % 4))}mb"
`;
}
