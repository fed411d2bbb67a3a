import { describe, expect, it } from 'vitest';
import { envFileValues } from '../../src/commands/env-file.ts';

describe('an env file', () => {
  it.each([
    ['A=1\nB=two words\nC=\n', { A: '1', B: 'two words', C: '' }],
    ['# a\n\n  export A = 1 # one\n', { A: '1' }],
    [`A="x\ny" # two\nB='a#b'\nC=\`"'\`\nD="1"\n`, { A: 'x\ny', B: 'a#b', C: `"'`, D: '1' }],
    ['A=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['A=a=b\nA.b-c=x', { A: 'a=b', 'A.b-c': 'x' }],
    ['A="""one\n"two""""\nB=1', { A: 'one\n"two"', B: '1' }],
  ])('%j has its variables', (text, values) => {
    expect(Object.fromEntries(envFileValues(text, []))).toEqual(values);
  });

  it.each([
    ['A=1\nhunter2\n', /^line 2 is not NAME=value; a value of several lines goes in quotes$/],
    ['A=-----BEGIN-----\nhunter2==\n-----END-----\n', /^line 3 is not NAME=value/],
    ['A="x\ny"\nB="hunter2\nC=1\n', /^line 3 has a quote " without an end$/],
    ['A=hunter#2\n', /^line 1 has a # in its value, where a comment begins; a value with # in it goes in quotes$/],
    ['my key=hunter2\n', /^line 1 is not NAME=value/],
    ['1A=hunter2\n', /^the name of a variable has letters/],
    ['FLY_REGION=hunter2\n', /^FLY_REGION is set by Airfield itself/],
    ['# nothing\n', /^it has no variables/],
  ])('%j is refused rather than cut short, without its values', (text, message) => {
    expect(() => envFileValues(text, [])).toThrow(message);
    expect(() => envFileValues(text, [])).not.toThrow(/hunter/);
  });

  it('gives the variables that are named, and says which is not there', () => {
    expect([...envFileValues('A=1\nB=2\n', ['B'])]).toEqual([['B', '2']]);
    expect(() => envFileValues('A=1\n', ['B'])).toThrow(/^it has no variable B$/);
  });
});
