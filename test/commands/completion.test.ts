import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';

// Each case starts two processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const run = promisify(execFile);
const cli = join(import.meta.dirname, '..', '..', 'src', 'cli.ts');

/** What bash offers for the last of these words. */
async function offered(...words: string[]): Promise<string[]> {
  const script = `
    airfield() { '${process.execPath}' '${cli}' "$@"; }
    eval "$(airfield completion bash)"
    COMP_WORDS=(airfield "$@"); COMP_CWORD=$#
    _airfield
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await run('bash', ['-c', script, 'bash', ...words]);
  return stdout.split('\n').filter(Boolean);
}

describe('bash, with what `airfield completion bash` prints,', () => {
  it('offers verbs', async () => {
    expect(await offered('ro')).toEqual(['rollback', 'rotate-key']);
  });

  it('offers options and their values', async () => {
    expect(await offered('status', '--out')).toEqual(['--output']);
    expect(await offered('status', '--output', 'j')).toEqual(['json']);
  });

  it('offers nothing where nothing is known', async () => {
    expect(await offered('logs', '--tail', '')).toEqual([]);
  });
});
