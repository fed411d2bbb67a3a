import { describe, expect, it } from 'vitest';
import { parseDotenv } from '../../src/toml/dotenv.ts';

const read = (text: string) => Object.fromEntries(parseDotenv(text).variables.map(({ name, value }) => [name, value]));

describe('a .env file', () => {
  it('is read as Node.js reads it', () => {
    const text = `\uFEFF# a comment\r\nexport A=1\r\n\n B = two words # a comment\nC="line\\nline"\nD='$A'\nE=\nF="one\ntwo" # a comment\nG=a=b`;
    expect(parseDotenv(text).broken).toEqual([]);
    expect(read(text)).toEqual({ A: '1', B: 'two words', C: 'line\nline', D: '$A', E: '', F: 'one\ntwo', G: 'a=b' });
  });

  it('has the three quotes of fly secrets import, whatever is between them', () => {
    expect(read('A="""one\n"two" \'three\' # four"""\nB=1')).toEqual({ A: 'one\n"two" \'three\' # four', B: '1' });
  });

  it('tells the line of each variable', () => {
    const { variables } = parseDotenv('# a\nA="1\n2"\nB=3\n');
    expect(variables.map(({ name, line }) => [name, line])).toEqual([
      ['A', 2],
      ['B', 4],
    ]);
  });

  it.each([
    ['hunter2', 'is not NAME=value'],
    ['=hunter2', 'is not NAME=value'],
    ['A B=hunter2', 'is not NAME=value'],
    ['A="hunter2', 'has a quote " without an end'],
    ['A="""hunter2\n', 'has a quote """ without an end'],
  ])('is broken where a line is no variable, and nothing of it is repeated: %j', (text, message) => {
    const { broken } = parseDotenv(`FIRST=1\n${text}`);
    expect(broken).toMatchObject([{ line: 2, message: expect.stringContaining(message) }]);
    expect(JSON.stringify(broken)).not.toContain('hunter2');
  });
});
