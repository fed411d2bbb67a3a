import { describe, expect, it } from 'vitest';
import { isManifest, readManifests } from '../../src/commands/manifests.ts';

const head = 'apiVersion: airfield.dev/v1alpha1\nkind: App\n';
const hello = `${head}metadata: {name: hello}\nspec: {image: x:1}\n`;

describe('a file of Apps', () => {
  it.each([
    ['YAML', hello, true],
    ['YAML behind another document', `kind: Secret\n---\n${hello}`, true],
    ['JSON', '{"apiVersion":"airfield.dev/v1alpha1"}', true],
    ['JSON over several lines', '{\n  "apiVersion": "airfield.dev/v1alpha1"\n}', true],
    ['a list', `kind: List\nitems:\n- ${head.replaceAll('\n', '\n  ')}`, true],
    ['fly.toml', 'app = "hello"\n', false],
    ['fly.yaml', 'app: hello\n', false],
    ['nothing', '', false],
  ])('is told from others: %s', (_, text, is) => {
    expect(isManifest(text)).toBe(is);
  });

  it('has Apps, and what is beside them by its name', () => {
    const text = `---\n${hello}---\nkind: Secret\nmetadata: {name: db}\nstringData: {A: b}\n---\n# empty\n`;
    expect(readManifests(text)).toEqual({
      apps: [{ apiVersion: 'airfield.dev/v1alpha1', kind: 'App', metadata: { name: 'hello' }, spec: { image: 'x:1' } }],
      others: ['Secret/db'],
    });
  });

  it('may be what the API server gave, whose own fields are left out', () => {
    const stored = {
      apiVersion: 'airfield.dev/v1alpha1',
      kind: 'App',
      metadata: { name: 'a', labels: { b: 'c' }, uid: 'x', resourceVersion: '1', generation: 2, managedFields: [] },
      spec: { image: 'x:1' },
      status: { replicas: 1 },
    };
    const { apps } = readManifests(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [stored, stored] }));
    const { status: _, ...rest } = stored;
    const written = { ...rest, metadata: { name: 'a', labels: { b: 'c' } } };
    expect(apps).toEqual([written, written]);
  });

  it.each([
    [`${head}metadata: {}\nspec: {}\n`, /^metadata\.name: /],
    [`${head}metadata: {name: x}\n`, /^spec: /],
    [hello.replace('v1alpha1', 'v9'), /^apiVersion: .*"airfield\.dev\/v1alpha1"/],
    [`${hello}  broken: [`, /at line 5, column \d+/],
    [`${head}a: &a [x]\n${'b: [*a, *a]\n'.repeat(200)}`, /./],
  ])('says in one line what is wrong: %j', (text, message) => {
    const read = () => readManifests(text);
    expect(read).toThrow(message);
    expect(read).toThrow(/^.*$/);
  });
});
