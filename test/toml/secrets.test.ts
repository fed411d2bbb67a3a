import { describe, expect, it } from 'vitest';
import { convert } from '../../src/toml/convert.ts';

const base = 'app = "hello"\n[build]\nimage = "x:1"\n';

function converted(text: string, secrets: string) {
  const { app, secrets: values, problems } = convert(text, { secrets: { file: '.env', text: secrets } });
  const said = problems.map(({ file = 'fly.toml', line, code, message }) => `${file}:${line} ${code} ${message}`);
  return { app, values: values && Object.fromEntries(values), said };
}

describe('--secrets', () => {
  it('is the values of the Secret, which are not in the App', () => {
    const { app, values, said } = converted(base, 'A=1\nB="two"\n');
    expect(values).toEqual({ A: '1', B: 'two' });
    expect(app?.spec).toEqual({ image: 'x:1' });
    expect(said).toEqual([]);
  });

  it('leaves out what Airfield sets itself, and says what is there twice', () => {
    const { values, said } = converted(`${base}[env]\nLOG = "info"\n`, 'FLY_REGION=iad\nA=1\nA=2\nLOG=debug\n');
    expect(values).toEqual({ A: '2', LOG: 'debug' });
    expect(said).toEqual([
      '.env:1 AF017 FLY_REGION is left out: Airfield sets it in every machine, as Fly does',
      '.env:3 AF013 A is there twice: this one counts, as it is the last one',
      '.env:4 AF030 LOG is in [env] too, before which the secret goes: remove it there',
    ]);
  });

  it('does not ask for a Secret of what is in it already', () => {
    const { said } = converted(`${base}[env]\nTOKEN = "abc"\n`, 'TOKEN=abc\n');
    expect(said).toEqual([expect.stringContaining('.env:1 AF030 TOKEN')]);
  });

  const file = `${base}[[files]]\nguest_path = "/key"\nsecret_name = "KEY"\n`;
  const saidOfFile = (secrets: string) => converted(file, secrets).said.filter((line) => !/approximately/.test(line));

  it('decodes what becomes a file, as Fly does', () => {
    const { values, app, said } = converted(file, `KEY=${Buffer.from('näh\n').toString('base64')}\n`);
    expect(values).toEqual({ KEY: 'näh\n' });
    expect(app?.spec.files).toEqual([{ path: '/key', secretKeyRef: { name: 'hello', key: 'KEY' } }]);
    expect(said.at(-1)).toBe('.env:1 AF027 KEY is a file of [[files]], so its base64 is decoded, as Fly does it');
  });

  it('says of a file what is not base64, no text, or not there', () => {
    expect(saidOfFile('KEY="not base64"\n')).toEqual([
      '.env:1 AF020 KEY is a file of [[files]] and not base64, as Fly wants it: the file is what is written here',
    ]);
    expect(saidOfFile('KEY=/wA=\n')).toEqual([
      expect.stringMatching(/^\.env:1 AF006 KEY is base64 of a file that is no/),
    ]);
    expect(saidOfFile('OTHER=1\n')).toEqual([
      'fly.toml:6 AF020 [[files]] secret_name is read from key KEY of Secret hello: the file of secrets has no such variable: add it there',
    ]);
  });

  it.each([
    ['', '.env:1 AF029 the line has no variable: write NAME=value, one a line'],
    ['A=1\nhunter2\n', '.env:2 AF029 the line is not NAME=value; a value of several lines goes in quotes'],
    [
      'hunter2/+=\n',
      '.env:1 AF029 the line begins with no name of a variable: use letters, digits, `_`, `-` and `.`, and no digit at the beginning',
    ],
    ['A=hunter2\0\n', '.env:1 AF006 A has a character NUL, which no variable can have'],
  ])('is wrong: %j', (secrets, message) => {
    const { app, values, said } = converted(base, secrets);
    expect({ app, values }).toEqual({});
    expect(said).toEqual([message]);
  });
});
