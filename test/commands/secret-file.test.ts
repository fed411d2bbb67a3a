import { describe, expect, it } from 'vitest';
import { secretFile } from '../../src/commands/secret-file.ts';

const box = '-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n';
const secret = (rest: string, name = 'hello') =>
  `apiVersion: airfield.dev/v1alpha1\nkind: Secret\nmetadata:\n  name: ${name}\n${rest}`;
const boxes = new Map([['A', box]]);
const filled = `spec:\n  data:\n    A:\n      sealed: |\n${box.replace(/^(?=.)/gm, ' '.repeat(8))}`;

describe('a file with a Secret', () => {
  it.each([
    ['no spec', ''],
    ['nothing in data', 'spec:\n  data:\n'],
    ['maps on one line', 'spec: {data: {}}\n'],
    ['another value for the variable', 'spec:\n  data:\n    A: {value: hunter2}\n'],
  ])('may have %s', (_, rest) => {
    expect(secretFile(secret(rest)).withBoxes(boxes, 'acme')).toBe(secret(`  namespace: acme\n${filled}`));
  });

  it('keeps its own width of indents, and a namespace that it has', () => {
    const text = 'apiVersion: airfield.dev/v1alpha1\nkind: Secret\nmetadata:\n    name: a\n    namespace: acme\n';
    expect(secretFile(text).namespace).toBe('acme');
    const after = secretFile(text).withBoxes(boxes, 'acme');
    expect(after.startsWith(text)).toBe(true);
    expect(after).toContain('\nspec:\n    data:\n        A:\n            sealed: |\n                -----BEGIN');
  });

  it('is found among others by its name', () => {
    const text = `${secret('spec: {}\n', 'a')}---\n${secret('spec: {}\n', 'b')}`;
    const after = secretFile(text, 'b').withBoxes(boxes, 'acme');
    expect(after).toBe(`${secret('spec: {}\n', 'a')}---\n${secret(`  namespace: acme\n${filled}`, 'b')}`);
  });

  it('keeps comments before and after everything, and long lines', () => {
    const long = `  note: ${'word '.repeat(40)}end\n`;
    const text = `# top\n\n${secret(`  annotations:\n  ${long}spec:\n  data: {}\n`)}# bottom\n`;
    const after = secretFile(text).withBoxes(boxes, 'acme');
    expect(after).toMatch(/^# top\n\napiVersion/);
    expect(after.match(/# (top|bottom)/g)).toEqual(['# top', '# bottom']);
    expect(after).toContain(long);
  });

  it('that was sealed twice is as one that was sealed once', () => {
    const once = secretFile(secret('spec: {data: {B: {value: x}}} # why\n')).withBoxes(boxes, 'acme');
    expect(secretFile(once).withBoxes(boxes, 'acme')).toBe(once);
  });

  it.each([
    [
      'no Secret of ours',
      'apiVersion: v1\nkind: Secret\nmetadata: {name: hello}\n',
      /^it has no Secret of airfield.dev/,
    ],
    ['nothing in it', '', /^it has no Secret/],
    [
      'two of them',
      `${secret('', 'a')}---\n${secret('', 'b')}`,
      /^it has several Secrets \(a, b\): choose one with --name$/,
    ],
    [
      'JSON in it',
      '{"apiVersion":"airfield.dev/v1alpha1","kind":"Secret","metadata":{"name":"a"}}',
      /in the form of JSON/,
    ],
    ['no YAML in it', `${secret('')}a: 'hunter2' 'hunter2'\n`, /^it is not YAML, in line 5 \(\w+\)$/],
  ])('is refused with %s, and nothing of it is repeated', (_, text, message) => {
    expect(() => secretFile(text)).toThrow(message);
    expect(() => secretFile(text)).not.toThrow(/hunter2/);
  });
});
