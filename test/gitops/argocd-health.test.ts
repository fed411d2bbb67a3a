import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { apiVersion } from '../../src/api/meta.ts';
import { ensureLua, healthBy } from './lua.ts';
import { stages } from './stages.ts';

const file = join(import.meta.dirname, '../../docs/gitops/argocd/argocd-cm.yaml');
const { data } = parse(readFileSync(file, 'utf8')) as { data: Record<string, string> };
const all = stages();

describe('what Argo CD says', () => {
  const said = new Map<(typeof all)[number], [string, string]>();
  beforeAll(async () => {
    await ensureLua();
    for (const [kind, objects] of Map.groupBy(all, ({ kind }) => kind)) {
      const asStored = objects.map(({ metadata, status }) => ({ apiVersion, kind, metadata, status }));
      const answers = await healthBy(data[`resource.customizations.health.airfield.dev_${kind}`] ?? '', asStored);
      for (const [index, object] of objects.entries()) said.set(object, answers[index]!);
    }
  }, 300_000);

  it.each(all.map((object) => [object.kind, object.stage, object.argo, object] as const))(
    'of the %s %s: %s',
    (_kind, _stage, health, object) => {
      const [status, message] = said.get(object) ?? [];
      expect(status).toBe(health);
      expect(message).toBeTruthy();
    },
  );

  it('tells why, and when an App ends', () => {
    const messageOf = (stage: string) => said.get(all.find((object) => object.stage === stage)!)?.[1];
    expect(messageOf('whose name is taken')).toBe('Service hello exists already');
    expect(messageOf('in its last hour')).toMatch(/^the App is deleted at 2026-01-01T00:30:00Z/);
    expect(messageOf('whose last run has failed')).toMatch(/^run hello-1: /);
  });
});

it('every kind has a script', () => {
  const kinds = Object.keys(data).map((key) => key.replace('resource.customizations.health.airfield.dev_', ''));
  expect(kinds).toEqual(['App', 'Machine', 'Secret', 'Schedule']);
});
