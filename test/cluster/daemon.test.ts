import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive, startDaemon, stopDaemon } from './daemon.ts';
import { until } from './exec.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'airfield-daemon-'));
});
afterAll(() => rm(dir, { recursive: true }));

describe('a daemon', () => {
  it('writes to its log, and ends when told to', async () => {
    const daemon = await startDaemon('echo', ['sh', '-c', 'echo started; exec sleep 60'], join(dir, 'echo.log'));
    await until('its first line', async () => (await readFile(daemon.log, 'utf8')).includes('started'), 5_000);
    expect(await isAlive(daemon)).toBe(true);
    await stopDaemon(daemon);
    expect(await isAlive(daemon)).toBe(false);
  });

  it('is killed when it does not heed the signal', async () => {
    const daemon = await startDaemon(
      'deaf',
      ['sh', '-c', "trap '' TERM; echo deaf; while :; do sleep 1; done"],
      join(dir, 'deaf.log'),
    );
    await until('the trap', async () => (await readFile(daemon.log, 'utf8')).includes('deaf'), 5_000);
    await stopDaemon(daemon, 'SIGTERM', 50);
    expect(await isAlive(daemon)).toBe(false);
  });

  it('is not mistaken for a later process with its number', async () => {
    const impostor = { name: 'gone', pid: process.pid, startTime: '1' };
    expect(await isAlive(impostor)).toBe(false);
    await stopDaemon(impostor, 'SIGKILL');
  });
});
