import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elfMachine } from '../../src/desired/elf.ts';
import { stopConfigMap } from '../../src/desired/stop-config-map.ts';
import { stopProgram } from '../../src/desired/stop-program.ts';
import { run } from '../cluster/exec.ts';
import type { Saying, Start } from './process-one.ts';

const { SIGINT, SIGQUIT, SIGUSR2 } = constants.signals;
const architectures = ['amd64', 'arm64'] as const;

describe.each(architectures)('the stop program for %s', (architecture) => {
  const bytes = stopProgram(architecture);
  const view = new DataView(bytes.buffer);

  it('is small enough to be part of every namespace', () => {
    expect(bytes.length).toBeLessThan(1024);
  });

  it('is an executable for Linux on that machine', () => {
    expect([...bytes.subarray(0, 7)]).toEqual([0x7f, ...Buffer.from('ELF'), 2, 1, 1]);
    expect({ type: view.getUint16(16, true), machine: view.getUint16(18, true) }).toEqual({
      type: 2,
      machine: elfMachine[architecture],
    });
    expect([view.getUint16(52, true), view.getUint16(54, true), view.getUint16(56, true)]).toEqual([64, 56, 1]);
  });

  it('is one segment that may not be written, starts inside it, and is aligned for pages of 64 KiB', () => {
    const header = Number(view.getBigUint64(32, true));
    const [type, flags] = [view.getUint32(header, true), view.getUint32(header + 4, true)];
    const [offset, address, , inFile, inMemory, alignment] = [8, 16, 24, 32, 40, 48].map((field) =>
      Number(view.getBigUint64(header + field, true)),
    );
    expect({ type, flags, offset, inFile, inMemory, alignment }).toEqual({
      type: 1,
      flags: 0b101,
      offset: 0,
      inFile: bytes.length,
      inMemory: bytes.length,
      alignment: 64 * 1024,
    });
    expect(address! % alignment!).toBe(0);
    expect(Number(view.getBigUint64(24, true)) - address!).toBe(header + 56);
  });

  it('is what the ConfigMap holds', () => {
    const { metadata, binaryData } = stopConfigMap('shop', architecture);
    expect(metadata).toMatchObject({ name: 'airfield-stop', namespace: 'shop' });
    expect(Buffer.from(binaryData?.stop ?? '', 'base64')).toEqual(Buffer.from(bytes));
  });
});

const own = { x64: 'amd64', arm64: 'arm64' }[process.arch as string] as (typeof architectures)[number] | undefined;
/** What gives a process a process namespace of its own here, if anything does. */
const isolate = [['--pid'], ['--user', '--map-root-user', '--pid']]
  .map((namespaces) => ['unshare', ...namespaces, '--fork', '--kill-child'] as const)
  .find(([command, ...args]) => spawnSync(command, [...args, 'true']).status === 0);
const isRoot = process.getuid?.() === 0;

describe.skipIf(!own || !isolate)('the stop program of this machine, where it may have process namespaces', () => {
  let folder: string;
  let program: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airfield-stop-'));
    await chmod(folder, 0o755);
    program = join(folder, 'stop');
    await writeFile(program, stopProgram(own!), { mode: 0o555 });
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** What process 1 says until it and all programs have ended: they share its output, which is read to the end. */
  async function stop(...starts: readonly Start[]): Promise<Saying[]> {
    const [command, ...args] = isolate!;
    const processOne = fileURLToPath(new URL('process-one.ts', import.meta.url));
    const container = [...args, process.execPath, processOne, program, JSON.stringify(starts)];
    const output = await run(command, container);
    return output.split('\n').flatMap((line) => (line ? [JSON.parse(line)] : []));
  }

  it('sends the signal once, after the drain, and stays until process 1 ends', async () => {
    const said = await stop({ args: [`${SIGQUIT}`, '1'] }, { args: [`${SIGINT}`, '0'] }, { args: [`${SIGUSR2}`, '0'] });
    const last = said.pop();
    expect(said).toHaveLength(2);
    expect(said).toEqual(expect.arrayContaining([{ signal: 'SIGINT' }, { signal: 'SIGUSR2' }]));
    expect(last).toEqual({ signal: 'SIGQUIT' });
  });

  it('fails on wrong arguments and sends nothing', async () => {
    const wrong = [
      [],
      ['2'],
      ['2', '0', '0'],
      ['', '0'],
      ['2', ''],
      ['INT', '0'],
      ['2', '1s'],
      ['-2', '0'],
      ['2', '0.5'],
      ['2', '1048576'],
      ['18446744073709551618', '0'],
      ['65', '0'],
    ];
    const said = await stop(...wrong.map((args) => ({ args })));
    expect(said).toHaveLength(wrong.length);
    expect(said).toEqual(expect.arrayContaining(wrong.map((args) => ({ args, exitCode: 1 }))));
  });

  it.runIf(isRoot)('fails when it may not signal process 1', async () => {
    const start = { args: [`${SIGINT}`, '0'], uid: 65534 };
    expect(await stop(start)).toEqual([{ args: start.args, exitCode: 1 }]);
  });
});
