import { describe, expect, it } from 'vitest';
import { convert } from '../../src/toml/convert.ts';
import { keys } from '../../src/toml/keys.ts';
import { treeOf } from './key-files.ts';
import { writeToml } from './write-toml.ts';

const head = 'app = "hello"\n[build]\nimage = "x:1"\n';
const notesOf = (text: string) =>
  convert(head + text)
    .problems.filter(({ severity }) => severity === 'note')
    .map(({ line, path, message }) => `${line} ${path}: ${message}`);

describe('a key that is converted approximately', () => {
  const cases = Object.entries(keys).flatMap(([pattern, key]) =>
    key.verdict === 'converted approximately' ? key.examples.map((value) => ({ pattern, key, value })) : [],
  );

  it.each(cases)('gets one remark that says how: $pattern = $value', ({ pattern, key, value }) => {
    const { problems } = convert(writeToml(treeOf([[pattern, value]])).text);
    const name = pattern.slice(pattern.lastIndexOf('.') + 1);
    const expected = key.differs?.(value) === false ? [] : [expect.stringMatching(/^AF02[07]$/)];
    // Keys of a table that differ in the same share a remark.
    const isAbout = (path: string) =>
      path.endsWith(name) || (name.startsWith('auto_extend') && /auto_extend/.test(path));
    expect(problems.filter(({ path }) => isAbout(path)).map(({ code }) => code)).toEqual(expected);
  });

  it('gets no second one where its table has had the same', () => {
    const sizes = 'auto_extend_size_threshold = 80\nauto_extend_size_increment = 1\ninitial_size = "3gb"\n';
    expect(notesOf(`[mounts]\nsource = "data"\ndestination = "/data"\n${sizes}`)).toEqual([
      '8 mounts.auto_extend_size_increment: [mounts] auto_extend_size_increment is converted approximately: a GB counts as a GiB, in whole ones',
    ]);
  });

  it.each([0.07, 0.29, 0.5, 3])('gets none where it makes no difference: max_unavailable = %s', (value) => {
    expect(notesOf(`[deploy]\nmax_unavailable = ${value}`)).toEqual([]);
  });

  it.each([0.125, 2.5])('gets one where it does: max_unavailable = %s', (value) => {
    expect(notesOf(`[deploy]\nmax_unavailable = ${value}`)).toHaveLength(1);
  });
});

it('an everyday file gets no notes of this kind', () => {
  const service = '[http_service]\ninternal_port = 8080\nforce_https = true\nauto_stop_machines = "stop"\n';
  const rest = 'auto_start_machines = true\nmin_machines_running = 0\n[[vm]]\nsize = "shared-cpu-1x"\nmemory = "1gb"\n';
  expect(notesOf(`${service}${rest}[mounts]\nsource = "data"\ndestination = "/data"\n`)).toEqual([]);
});
