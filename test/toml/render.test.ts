import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import type { AppManifest } from '../../src/toml/convert.ts';
import { renderYaml } from '../../src/toml/render.ts';

// Thousands of cases, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const app = (spec: Partial<AppManifest['spec']>): AppManifest => ({
  apiVersion: 'airfield.dev/v1alpha1',
  kind: 'App',
  metadata: { name: 'hello' },
  spec: { image: 'x:1', ...spec },
});

const odd = [
  'y', 'No', 'ON', 'null', '~', '', ' ', '0o17', '017', '1_000', '0b11', '0x1F', '1e3', '.5', '-1', '+1', '190:20:30', '2024-01-01', '.inf', '=', '<<', '- a', 'a: b', 'a #b', '&a', '*a', '!a', '|', '>', '%a', '@a', '`a', '"', "'", '\\', '[a]', '{a}', 'a,b', '---', '...', '?', 'a\nb', 'a\n', '\na', ' a\n b\n', 'a \n\n b \n\n', '\t', 'a\tb\nc', '\r\n', '\u0085', '\u2028', '\ufeff', '\u0000', '\u007f', '\ud800', '😀', '10s', '1Gi', '33%', 'https://x:1/y?z=a&b#c',
]; // biome-ignore format: one list
const text = fc.oneof(
  fc.constantFrom(...odd),
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom(...odd), { maxLength: 4 }).map((parts) => parts.join('')),
);

describe('an App as YAML', () => {
  it.each(['1.1', '1.2'] as const)('is read back unchanged by a reader of YAML %s', (version) => {
    fc.assert(
      fc.property(fc.dictionary(text, text), fc.array(text, { minLength: 1 }), text, (env, command, content) => {
        const manifest = app({ env, processes: [{ name: 'app', command }], files: [{ path: '/a', content }] });
        expect(parse(renderYaml(manifest), { version })).toEqual(manifest);
      }),
      { numRuns: 2000 },
    );
  });

  it('quotes every value of env, and elsewhere only what could be taken for something else', () => {
    const yaml = renderYaml(
      app({
        env: { A: 'plain', y: 'x' },
        killTimeout: '10s',
        processes: [{ name: 'on', command: ['a', '1', 'b:c', '-d'] }],
      }),
    );
    expect(yaml).toContain('A: "plain"\n    "y": "x"\n');
    expect(yaml).toContain('killTimeout: 10s\n');
    expect(yaml).toContain('- name: "on"\n      command: [a, "1", "b:c", -d]\n');
  });

  it('has no anchors where one part stands twice', () => {
    const checks = [{ type: 'tcp' as const }];
    const yaml = renderYaml(
      app({
        services: [
          { internalPort: 1, checks },
          { internalPort: 2, checks },
        ],
      }),
    );
    expect(yaml).not.toMatch(/[&*]/);
  });

  it('keeps the lines of a file readable', () => {
    const yaml = renderYaml(app({ files: [{ path: '/a', content: 'listen: 80\n  deep: yes\n\nend\n' }] }));
    expect(yaml).toContain('content: |\n        listen: 80\n          deep: yes\n\n        end\n');
  });

  it('does not fold long lines', () => {
    const command = ['word '.repeat(100)];
    expect(renderYaml(app({ processes: [{ name: 'app', command }] })).split('\n')).toContain(
      `      command: ["${command[0]}"]`,
    );
  });
});
