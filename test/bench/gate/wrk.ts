import { spawnSync } from 'node:child_process';

export interface WrkResult {
  /** In a second. */
  readonly requests: number;
  /** In milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Requests on connections that are kept, as many as the other side answers, for `seconds`. Says what has failed. */
export function wrk(url: string, { connections, seconds }: { connections: number; seconds: number }): WrkResult {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', url];
  const { stdout, error } = spawnSync('wrk', args, { encoding: 'utf8' });
  if (error) throw new Error('needs wrk: apt-get install wrk');
  const failures = /Non-2xx.*|Socket errors.*/.exec(stdout)?.[0];
  if (failures) console.log(`  ${url}: ${failures}`);
  return {
    requests: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p50: milliseconds(/50%\s+(\S+)/.exec(stdout)?.[1]),
    p99: milliseconds(/99%\s+(\S+)/.exec(stdout)?.[1]),
  };
}

const units: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };

function milliseconds(text = ''): number {
  const [, number, unit = ''] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? [];
  return Number(number) * (units[unit] ?? Number.NaN);
}
