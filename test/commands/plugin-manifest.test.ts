import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };

const root = join(import.meta.dirname, '..', '..');
const plugin = parse(readFileSync(join(root, 'plugins', 'airfield.yaml'), 'utf8'));

describe('the manifest for Krew', () => {
  it('is of this version, and names what the archive has', () => {
    expect(plugin.spec.version).toBe(`v${manifest.version}`);
    for (const { uri, sha256, bin } of plugin.spec.platforms) {
      expect(uri).toContain(`/v${manifest.version}/`);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(join('dist', bin)).toBe(manifest.bin.airfield);
    }
  });

  it('says which Node.js it needs, as the package does', () => {
    expect(manifest.engines.node).toBe('>=22.19');
    expect(plugin.spec.caveats).toContain('Node.js 22.19 or newer');
  });

  it('keeps to the lengths that Krew allows', () => {
    expect(plugin.spec.shortDescription.length).toBeLessThanOrEqual(50);
    expect(plugin.metadata.name).toMatch(/^[a-z][-a-z0-9]*$/);
  });
});

describe('docs/cli.md', () => {
  it('has every verb', () => {
    const docs = readFileSync(join(root, 'docs', 'cli.md'), 'utf8');
    const verbs = [...readFileSync(join(root, 'src', 'cli.ts'), 'utf8').matchAll(/^ {2}'?([a-z-]+)'?: async/gm)];
    expect(verbs.length).toBeGreaterThan(10);
    for (const [, verb] of verbs) expect(docs).toContain(`\`${verb}\``);
  });
});
