import { expect, it } from 'vitest';
import { codes } from '../../src/toml/codes.ts';
import { problem } from '../../src/toml/report.ts';
import { problemLine, reportJson, sourceLine } from '../../src/toml/report-text.ts';

const found = problem('notSupported', 'build.args', '[build] args is not converted', { line: 12, column: 3 });

it('a problem is one line with its place, severity and code', () => {
  expect(problemLine('fly.toml', found)).toBe('fly.toml:12:3 warning AF012: [build] args is not converted');
});

it('colour is added to the severity and the code alone', () => {
  expect(problemLine('fly.toml', found, true)).toBe(
    'fly.toml:12:3 \x1b[1m\x1b[33mwarning AF012:\x1b[39m\x1b[22m [build] args is not converted',
  );
});

it('no key or value of the file ends the line or reaches the terminal as a command', () => {
  const hostile = problem('unknownKey', 'x', 'a\nb\x1b[2Jc\u202ed\u2028', { line: 1, column: 1 });
  expect(problemLine('fly.toml', hostile)).toBe('fly.toml:1:1 warning AF011: a\\u{a}b\\u{1b}[2Jc\\u{202e}d\\u{2028}');
});

const source = { path: 'http_service.force_https', fields: [['spec', 'services', 0, 'x']], line: 3, column: 1 };

it('a source is one line with its place, key and fields', () => {
  expect(sourceLine('fly.toml', source)).toBe('fly.toml:3:1 http_service.force_https became spec.services[0].x');
  expect(sourceLine('fly.toml', { ...source, fields: [], file: 'o.toml' })).toBe(
    'o.toml:3:1 http_service.force_https needs no field: the App means the same without one',
  );
});

it('as JSON they have the same, field by field', () => {
  expect(JSON.parse(reportJson('fly.toml', [found], [{ ...source, app: 'hello' }]))).toEqual({
    problems: [
      {
        file: 'fly.toml',
        line: 12,
        column: 3,
        severity: 'warning',
        code: 'AF012',
        key: 'build.args',
        message: '[build] args is not converted',
      },
    ],
    sources: [
      {
        file: 'fly.toml',
        line: 3,
        column: 1,
        key: 'http_service.force_https',
        app: 'hello',
        fields: ['spec.services[0].x'],
      },
    ],
  });
});

it('no code stands for two things, and none is left out', () => {
  const numbers = Object.values(codes).map(({ code }) => code);
  expect(numbers).toEqual(numbers.map((_, index) => `AF${String(index + 1).padStart(3, '0')}`));
});
