import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { appDiff, paintDiff, type StoredApp } from '../../src/commands/app-diff.ts';
import { painted } from '../../src/commands/terminal.ts';

const app = (spec: object, metadata: object = {}): StoredApp => ({
  apiVersion: 'airfield.dev/v1alpha1',
  kind: 'App',
  metadata: { name: 'hello', namespace: 'acme', ...metadata },
  spec: { image: 'x:1', ...spec },
});

describe('the diff of an App', () => {
  it('is unified', () => {
    expect(appDiff(app({ count: 1 }), app({ count: 2 }))).toBe(`--- live/acme/hello
+++ applied/acme/hello
@@ -5,4 +5,4 @@
   namespace: acme
 spec:
   image: x:1
-  count: 1
+  count: 2
`);
  });

  it('is empty without a difference', () => {
    expect(appDiff(app({}), app({}))).toBe('');
  });

  it('is all plus where there is no App yet', () => {
    expect(appDiff(undefined, app({}))).toBe(`--- /dev/null
+++ applied/acme/hello
@@ -0,0 +1,7 @@
+apiVersion: airfield.dev/v1alpha1
+kind: App
+metadata:
+  name: hello
+  namespace: acme
+spec:
+  image: x:1
`);
  });

  it('has labels and annotations, but nothing that only the API server and kubectl write', () => {
    const before = { uid: '1', resourceVersion: '1', managedFields: [], labels: { team: 'a' } };
    const kubectls = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    const after = { uid: '2', resourceVersion: '2', generation: 3, labels: { team: 'a' }, annotations: kubectls };
    expect(appDiff(app({}, before), app({}, after))).toBe('');
    expect(appDiff(app({}, before), app({}, { labels: { team: 'b' } }))).toContain('-    team: a\n+    team: b\n');
    expect(appDiff(app({}), app({}, { annotations: { ...kubectls, note: 'x' } }))).not.toContain('kubectl');
  });
});

describe('colours', () => {
  const files = [{ path: '/etc/x', content: '-- not a header\n++ nor this\n' }];
  const diff = appDiff(app({ count: 1, env: { A: '-- a' } }), app({ count: 2, files }));

  it('change nothing but the colours', () => {
    expect(stripVTControlCharacters(paintDiff(diff, painted))).toBe(diff);
  });

  it('are those of what the line is', () => {
    const named = paintDiff(diff, (style, text) => `<${String(style)}>${text}`).split('\n');
    expect(named.slice(0, 2)).toEqual(['<bold>--- live/acme/hello', '<bold>+++ applied/acme/hello']);
    expect(named[2]).toMatch(/^<cyan>@@/);
    for (const line of named.slice(3)) expect(line).toMatch(/^( |<red>-|<green>\+|$)/);
  });

  it('are none for an App that is as it should be', () => {
    expect(paintDiff('', painted)).toBe('');
  });
});
