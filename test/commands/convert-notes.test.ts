import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../cluster/exec.ts';

const root = join(import.meta.dirname, '..', '..');
const convert = (app: string) =>
  run(
    'sh',
    ['-c', `"${process.execPath}" src/cli.ts convert test/golden/${app}/fly.toml --image x:1 2>&1 >/dev/null`],
    { cwd: root },
  );

describe('airfield convert', () => {
  it('says of each field that the operator does not act on yet what happens instead', async () => {
    const notes = await convert('next-fly-test');
    expect(notes).toContain(
      'test/golden/next-fly-test/fly.toml:4:2 note AF023: spec.services[0].autoStop is converted, but not acted on yet: machines keep running\n',
    );
    expect(notes).toContain('spec.services[0].ports[0].forceHttps');
  });
});
