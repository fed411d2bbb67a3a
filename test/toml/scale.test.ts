import { describe, expect, it } from 'vitest';
import { type Conversion, convert } from '../../src/toml/convert.ts';
import { countFlag, regionFlag } from '../../src/toml/scale-flags.ts';

const alone = 'app = "hello"\nprimary_region = "iad"\n[build]\nimage = "x:1"\n';
const groups = `${alone}[processes]\napp = "serve"\nworker = "work"\n`;
const nowhere = groups.replace('primary_region = "iad"\n', '');

/** As the command line reads it: `--count app=3 --region fra=2`. */
function scaled(text: string, line: string): Conversion {
  const words = line.split(' ');
  const after = (name: string) => words.filter((_, index) => words[index - 1] === name);
  return convert(text, {
    scale: { counts: after('--count').map(countFlag), regions: after('--region').map(regionFlag) },
  });
}

function processesOf(text: string, line: string): unknown {
  const { app, problems } = scaled(text, line);
  expect(problems).toEqual([]);
  return app?.spec.processes?.map(({ name, count, regions }) => ({ name, ...(regions ? { regions } : { count }) }));
}

describe('--count and --region', () => {
  it('of an App without groups is the count that kubectl scale changes', () => {
    expect(scaled(alone, '--count 3').app?.spec).toEqual({ image: 'x:1', primaryRegion: 'iad', count: 3 });
    expect(scaled(alone, '--count app=3').app).toEqual(scaled(alone, '--count 3').app);
  });

  it('are for the default group, or for the one that they name', () => {
    expect(processesOf(groups, '--count 3 --count worker=0')).toEqual([
      { name: 'app', count: 3 },
      { name: 'worker', count: 0 },
    ]);
    expect(processesOf(groups, '--region fra=2 --region worker/sin=1')).toEqual([
      { name: 'app', regions: [{ name: 'fra', count: 2 }] },
      { name: 'worker', regions: [{ name: 'sin', count: 1 }] },
    ]);
  });

  it('give one group regions too', () => {
    expect(processesOf(alone, '--region fra=2')).toEqual([{ name: 'app', regions: [{ name: 'fra', count: 2 }] }]);
  });

  it('together: the machines that no region is given for are in the primary region', () => {
    expect(processesOf(groups, '--count app=3 --region fra=2')?.[0 as never]).toEqual({
      name: 'app',
      regions: [
        { name: 'iad', count: 1 },
        { name: 'fra', count: 2 },
      ],
    });
    expect(processesOf(nowhere, '--count 2 --region fra=2')?.[0 as never]).toEqual({
      name: 'app',
      regions: [{ name: 'fra', count: 2 }],
    });
  });

  it.each([
    [groups, '--count wroker=1', 'there is no process group "wroker", only app, worker'],
    [alone, '--region worker/fra=1', 'there is no process group "worker", only app'],
    [groups, '--count 1 --count app=2', 'the same number is given twice: keep one of them'],
    [groups, '--region fra=1 --region app/fra=2', 'the same number is given twice: keep one of them'],
    [groups, '--count 1 --region fra=2', 'the regions have 2 machines, which is more than 1'],
    [
      groups,
      '--count 4 --region iad=1 --region fra=2',
      'the regions have 3 machines, not 4: leave the count out, or the primary region iad, which has all others',
    ],
    [
      nowhere,
      '--count 3 --region fra=2',
      'the regions have 2 of 3 machines: write primary_region in the file, where the others are, or give their region too',
    ],
  ])('that cannot be are an error that says what to write: %#', (text, line, message) => {
    const { app, problems } = scaled(text, line);
    expect(app).toBeUndefined();
    expect(problems).toMatchObject([{ code: 'AF004', severity: 'error', message: `${line}: ${message}` }]);
  });

  it.each(['', 'x', 'app', 'app=', '-1', '1.5', 'app=1001', '=='])('no count: %j', (text) => {
    expect(() => countFlag(text)).toThrow(/^(write a number of machines|a group has at most)/);
  });

  it.each(['', 'fra', '2', 'fra=', 'FRA=1', 'a/b/fra=1', '/fra=1', 'fra=-1', '-=1'])('no region: %j', (text) => {
    expect(() => regionFlag(text)).toThrow(/^write a region and its number of machines/);
  });
});
