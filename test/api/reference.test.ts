import { describe, expect, it } from 'vitest';
import { crds } from '../../src/api/crds.ts';
import { reference } from '../../src/api/reference.ts';
import type { JsonSchema } from '../../src/api/structural.ts';

const definition = (spec: JsonSchema) => ({
  spec: {
    group: 'airfield.dev',
    names: { kind: 'Kite', plural: 'kites', shortNames: ['afk'] },
    versions: [
      {
        name: 'v1alpha1',
        additionalPrinterColumns: [{ name: 'Ready', description: 'Whether it flies', priority: 1 }],
        schema: { openAPIV3Schema: { type: 'object', description: 'A Kite flies.', properties: { spec } } },
      },
    ],
  },
});

const page = (properties: Record<string, JsonSchema>, more: JsonSchema = {}) =>
  reference(definition({ type: 'object', properties, ...more }), 'kites.md');

describe('a page of the reference', () => {
  it('says the kind, where there is more about it, and the columns', () => {
    const text = page({});
    expect(text).toContain('# Kite\n\nA Kite flies. [More about it](../kites.md).');
    expect(text).toContain('`apiVersion: airfield.dev/v1alpha1`, `kind: Kite`; `kubectl get afk`');
    expect(text).toContain('| READY | Whether it flies (with `-o wide`) |');
  });

  it('has a row for each field: type, default, meaning and limits', () => {
    const text = page(
      {
        tail: { type: 'integer', description: 'Its length. Default: `3`.', minimum: 1, maximum: 9 },
        wind: { type: 'string', enum: ['weak', 'strong'], description: 'What it needs.' },
        who: { 'x-kubernetes-int-or-string': true, description: 'A name or a number.' },
      },
      { required: ['wind'] },
    );
    expect(text).toContain('| `tail` | integer | `3` | Its length. | 1 to 9 |');
    expect(text).toContain('| `wind` | `weak`, `strong` |  | What it needs. | required |');
    expect(text).toContain('| `who` | integer or string |  | A name or a number. |  |');
  });

  it('leads from an object to its own section, through lists and maps', () => {
    const rope: JsonSchema = { type: 'object', properties: { metres: { type: 'integer', description: 'Long.' } } };
    const lists = page({ ropes: { type: 'array', items: rope, description: 'All.', maxItems: 4 } });
    expect(lists).toContain('| `ropes` | list of [object](#specropes) |  | All. | at most 4 elements |');
    expect(lists).toContain('## `spec.ropes[]`\n\n| Field');
    const maps = page({ ropes: { type: 'object', additionalProperties: rope, description: 'All.' } });
    expect(maps).toContain('| `ropes` | map of [object](#specropeskey) |');
    expect(maps).toContain('## `spec.ropes.<key>`');
  });

  it('tells what rules say, with the field where the field has no section', () => {
    const text = page(
      { tail: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self < 3', message: 'write less' }] } },
      { 'x-kubernetes-validations': [{ rule: 'true', message: 'no wind, no kite' }] },
    );
    expect(text).toContain('- no wind, no kite\n- `tail`: write less\n');
  });

  it('has a word for durations, sizes and names, in the place of their patterns', () => {
    const text = reference(crds()[0]!, 'concepts.md');
    expect(text).toContain(
      '| `killTimeout` | duration | `5s` | Time between that signal and the kill; at most 5 minutes. |  |',
    );
    expect(text).toMatch(/^\| `size` \| size \| `1Gi` /m);
    expect(text).toMatch(/^\| `primaryRegion` \| name \| .* at most 63 characters \|$/m);
  });

  it('keeps bars of a pattern from ending a cell', () => {
    const text = page({ knot: { type: 'string', pattern: '^(a|b)$', description: 'A | B.' } });
    expect(text).toContain('| A \\| B. | matches `^(a\\|b)$` |');
  });
});

describe.each((crds() as ReturnType<typeof definition>[]).map((crd) => ({ kind: crd.spec.names.kind, crd })))(
  'the page of $kind',
  ({ crd }) => {
    const text = reference(crd, 'concepts.md');

    it('has a heading for every link in it, and each but once', () => {
      const headings = [...text.matchAll(/^## `(.+)`$/gm)].map(([, path = '']) =>
        path.toLowerCase().replace(/[^a-z0-9]/g, ''),
      );
      const links = [...text.matchAll(/\]\(#(.+?)\)/g)].map(([, link]) => link);
      expect(links.length).toBeGreaterThan(0);
      expect(links.filter((link) => !headings.includes(link!))).toEqual([]);
      expect(headings).toEqual([...new Set(headings)]);
    });

    it('has every rule of the schema', () => {
      const messages = [...JSON.stringify(crd).matchAll(/"message":("(?:[^"\\]|\\.)*")/g)].map(
        ([, text = '']) => JSON.parse(text) as string,
      );
      expect(messages.filter((message) => !text.includes(message))).toEqual([]);
    });
  },
);
