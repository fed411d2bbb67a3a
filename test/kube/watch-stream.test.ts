import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../src/kube/watch-stream.ts';

async function read(chunks: Buffer[]): Promise<string[]> {
  async function* source() {
    yield* chunks;
  }
  const lines: string[] = [];
  for await (const line of linesOf(source())) lines.push(line);
  return lines;
}

describe('the lines of a watch', () => {
  it('are whole wherever the chunks are cut, in the middle of a character too', async () => {
    const text = fc.array(
      fc.string({ unit: 'grapheme', minLength: 1 }).map((s) => JSON.stringify(s)),
      { minLength: 1 },
    );
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(20)), async (lines, cuts) => {
        let rest = Buffer.from(`${lines.join('\n')}\n`);
        const chunks: Buffer[] = [];
        for (const cut of cuts) {
          chunks.push(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        expect(await read([...chunks, rest])).toEqual(lines);
      }),
    );
  });

  it('fail where the stream ends within one', async () => {
    await expect(read([Buffer.from('{"a":1}\n{"b"')])).rejects.toThrow('ended within a line');
  });

  it('may be empty', async () => {
    expect(await read([Buffer.from('\n\n{}\n')])).toEqual(['{}']);
  });
});
