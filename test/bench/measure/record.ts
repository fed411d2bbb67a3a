import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { kubernetesVersion } from '../../cluster/sources.ts';
import { printTable } from './figures.ts';

/** One figure: what it is, how large, what the least is that it could be, and what was aimed at. */
export interface Row {
  readonly what: string;
  readonly figure: string;
  /** Of whatever does the same with nothing around it, in the same run. */
  readonly floor?: string;
  /** The figure in the floor's measure: `1.2`. */
  readonly times?: string;
  readonly goal?: string;
}

interface Record {
  readonly benchmark: string;
  readonly rows: readonly Row[];
  readonly machine: string;
  readonly versions: string;
  readonly commit: string;
  readonly day: string;
}

const root = join(import.meta.dirname, '..', '..', '..');
const results = join(root, 'test', 'bench', 'results');
const page = join(root, 'docs', 'benchmarks.md');
const head = ['Measured', 'Figure', 'Floor', 'Times', 'Goal'];
const cells = ({ what, figure, floor = '', times = '', goal = '' }: Row) => [what, figure, floor, times, goal];

/** Prints the rows of a benchmark. Those that are kept go into JSON, the table, and docs/, too. */
export function record(benchmark: string, rows: readonly Row[], isKept: boolean): void {
  printTable(benchmark, head, rows.map(cells));
  if (!isKept) return;
  mkdirSync(results, { recursive: true });
  const { commit, day } = lastCommit();
  const all: Record = { benchmark, rows, machine: machine(), versions: versions(), commit, day };
  writeFileSync(join(results, `${benchmark}.json`), `${JSON.stringify(all, undefined, 2)}\n`);
  writeTables();
}

function machine(): string {
  const [{ model = '' } = {}, ...others] = cpus();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[0]?.toFixed(1);
  return `${others.length + 1} x ${model.trim()}, ${gibibytes} GiB, Linux ${release()}, load ${load} at the end`;
}

const versions = () => `Node.js ${process.versions.node}, Kubernetes ${kubernetesVersion.slice(1)}`;

function lastCommit() {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain', '--', 'src', 'build.ts') !== '';
  return {
    commit: git('rev-parse', '--short', 'HEAD') + (isChanged ? ' with changes' : ''),
    day: git('show', '-s', '--format=%cs'),
  };
}

/** Everything between two marks of docs/benchmarks.md is written here. */
function writeTables(): void {
  const files = readdirSync(results).filter((name) => name.endsWith('.json'));
  const all = files.map((name) => JSON.parse(readFileSync(join(results, name), 'utf8')) as Record);
  const text = all.map(tableOf).join('\n');
  writeFileSync(join(results, 'table.md'), text);
  const [begin, end] = ['<!-- results -->', '<!-- end of results -->'];
  const before = readFileSync(page, 'utf8');
  const [first = ''] = before.split(begin);
  const [, last = ''] = before.split(end);
  writeFileSync(page, `${first}${begin}\n\n${text}\n${end}${last}`);
}

function tableOf({ benchmark, rows, machine, versions, commit, day }: Record): string {
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`;
  const lines = [line(head), line(head.map(() => '---')), ...rows.map((row) => line(cells(row)))];
  return `### ${benchmark}\n\n${lines.join('\n')}\n\n${machine}; ${versions}; commit ${commit} of ${day}.\n`;
}
