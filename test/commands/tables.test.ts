import { styleText } from 'node:util';
import { describe, expect, it } from 'vitest';
import { age, elapsed } from '../../src/commands/age.ts';
import { asCalled, programName } from '../../src/commands/program-name.ts';
import { table } from '../../src/commands/table.ts';

describe('a table', () => {
  it('has columns as wide as their widest word, whatever its colour', () => {
    const red = styleText('red', 'no', { validateStream: false });
    expect(
      table(
        ['APP', 'READY', 'URL'],
        [
          ['hello', red, '-'],
          ['x', 'yes'],
        ],
      ),
    ).toBe(`APP    READY  URL\nhello  ${red}     -\nx      yes\n`);
  });
});

describe('an age', () => {
  it.each([
    [0, '0s'],
    [59, '59s'],
    [61, '1m1s'],
    [600, '10m'],
    [3_600, '1h'],
    [12_000, '3h20m'],
    [90_000, '1d1h'],
    [1_100_000, '12d'],
  ])('of %d seconds is %s', (seconds, text) => {
    expect(elapsed(seconds)).toBe(text);
  });

  it('of what has none is a dash', () => {
    expect(age(undefined, new Date())).toBe('-');
  });
});

describe('as a plugin of kubectl', () => {
  it('the program has the name that kubectl gives it', () => {
    expect(programName('/usr/local/bin/kubectl-airfield')).toBe('kubectl airfield');
    expect(programName('/app/dist/cli.js')).toBe('airfield');
  });

  it('texts name it so', () => {
    expect(asCalled('`airfield logs -a x`, see airfield.dev/app', 'kubectl airfield')).toBe(
      '`kubectl airfield logs -a x`, see airfield.dev/app',
    );
    expect(asCalled('helm install airfield charts/airfield', 'kubectl airfield')).toBe(
      'helm install airfield charts/airfield',
    );
    expect(asCalled('`airfield logs`', 'airfield')).toBe('`airfield logs`');
  });
});
