import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { haproxyCommand } from '../../src/gate/haproxy-command.ts';
import { isMasterProcess } from '../../src/gate/master-process.ts';
import { type GateSettings, type HaproxyMode, paths } from '../../src/gate/settings.ts';
import { until } from './gate.ts';
import { ensureHaproxy } from './haproxy-installed.ts';
import type { Asked, MachinesOf, PlaneStart } from './plane-process.ts';

const program = fileURLToPath(new URL('plane-process.ts', import.meta.url));
/** A machine on loopback. */
export const machine = { name: 'm-1', address: '127.0.0.1', ready: true, leaving: false };

/**
 * The folder of gates that are processes of their own; in mode `beside` HAProxy waits in it for a configuration, as in its
 * container.
 */
export async function gateFolder(haproxyMode: HaproxyMode, more: Partial<GateSettings> = {}) {
  await ensureHaproxy();
  const directory = mkdtempSync(join(tmpdir(), 'gate-'));
  const settings = { directory, haproxyMode, region: 'fra', addresses: ['127.0.0.1'], maxConnections: 1000, ...more };
  const env = { ...process.env, AIRFIELD_GATE_DIRECTORY: directory, AIRFIELD_GATE_DRAIN: '0s' };
  const [command, ...args] = haproxyCommand;
  const beside = () => spawn(command, args, { env, stdio: 'ignore' });
  const { master, pid: pidFile } = paths(settings);
  const pid = () => (existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0);
  const children: ChildProcess[] = haproxyMode === 'beside' ? [beside()] : [];
  onTestFinished(async () => {
    for (const child of children) child.kill('SIGKILL');
    const last = pid();
    if (isMasterProcess(last, master)) process.kill(last, 'SIGTERM');
    await until(() => isMasterProcess(last, master)).toBe(false);
    rmSync(directory, { recursive: true });
  });
  /** Starts a gate; resolves when it serves. */
  const start = async (given: Omit<PlaneStart, 'settings'>) => {
    const child = spawn(process.execPath, [program, JSON.stringify({ settings, ...given })]);
    children.push(child);
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => void lines.push(line));
    child.stderr.pipe(process.stderr);
    // A program that is read by Node.js first takes its time on machines that are busy.
    await expect.poll(() => lines, { timeout: 60_000, interval: 10 }).toContain('up');
    const tell = (asked: Asked) => child.stdin.write(`${JSON.stringify(asked)}\n`);
    return { child, lines, tell, set: (...machines: MachinesOf) => tell({ machines }) };
  };
  return { settings, env, start, pid, isUp: () => isMasterProcess(pid(), master), beside };
}
