import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apps } from '../../../src/controller/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { until } from '../../cluster/exec.ts';
import { HandMade } from './hand-made.ts';

type StoredApp = KubeObject & { readonly spec: { readonly deploy?: { readonly rollbackTo?: number } } };
let acme: HandMade;

const versions = {
  1: { env: { LEVEL: 'info' } },
  2: { env: { LEVEL: 'debug', NEW: '1' } },
  3: { image: 'example.com/hello:3', env: { LEVEL: 'debug', NEW: '1' } },
} as const;

beforeAll(async () => {
  acme = await HandMade.create();
});
afterAll(() => acme.close());

/** An App with three releases that are complete. */
async function released(name: string, metadata: object = {}): Promise<void> {
  const app = await acme.app(name, versions[3], metadata);
  for (const version of [1, 2, 3] as const) await acme.release(app, version, versions[version]);
}

const rollbackTo = async (name: string) => {
  const { spec } = await acme.client.get<StoredApp>(apps, { namespace: acme.namespace, name });
  return spec.deploy?.rollbackTo;
};
/** What an operator would write when the newest release is over. */
const over = async (name: string, phase: 'complete' | 'failed', message = '') => {
  const { metadata } = await acme.client.get<StoredApp>(apps, { namespace: acme.namespace, name });
  const at = new Date().toISOString();
  const release = { version: 4, image: 'example.com/hello:1', phase, startedAt: at, finishedAt: at, message };
  await acme.status(name, { observedGeneration: metadata.generation, release });
};

describe('airfield releases', () => {
  it('lists them with what was changed, and who has', async () => {
    await released('hello');
    const { code, stdout } = await acme.airfield('releases', '-a', 'hello');
    expect(code).toBe(0);
    expect(stdout).toBe(`RELEASE  PHASE             IMAGE                CHANGES         AGE  BY
3        complete, serves  example.com/hello:3  image           AGE  airfield
2        complete          example.com/hello:1  env LEVEL +NEW  AGE  -
1        complete          example.com/hello:1  first kept      AGE  -
`);
  });

  it('never shows a value', async () => {
    const { stdout } = await acme.airfield('releases', '-a', 'hello', '-o', 'json');
    expect(stdout).not.toContain('debug');
    expect(JSON.parse(stdout)[1]).toMatchObject({ version: 2, phase: 'complete', serves: false });
  });
});

describe('airfield rollback', () => {
  it('goes back to the release before, waits, and says that it stays there', async () => {
    await released('waits');
    const running = acme.airfield('rollback', '-a', 'waits');
    await until('the rollback', async () => (await rollbackTo('waits')) === 2);
    await over('waits', 'complete');
    const { code, stdout, stderr } = await running;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'waits: release 4 is complete\n' });
    expect(stderr).toContain('note: until `airfield rollback --undo -a waits` nothing else that is changed');
  });

  it('fails with why, where the release does', async () => {
    await released('fails');
    const running = acme.airfield('rollback', '1', '-a', 'fails');
    await until('the rollback', async () => (await rollbackTo('fails')) === 1);
    await over('fails', 'failed', 'no such image');
    const { code, stderr } = await running;
    expect(code).toBe(1);
    expect(stderr).toMatch(/fails: no such image\n$/);
  });

  it('does not wait where it shall not, and is undone', async () => {
    await released('quick');
    expect(await acme.airfield('rollback', 'v1', '--no-wait', '-a', 'quick')).toMatchObject({ code: 0, stdout: '' });
    expect(await rollbackTo('quick')).toBe(1);
    expect(await acme.airfield('rollback', '--undo', '--no-wait', '-a', 'quick')).toMatchObject({ code: 0 });
    expect(await rollbackTo('quick')).toBeUndefined();
  });

  it('warns where Git says what an App is', async () => {
    const labels = { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux' };
    await released('kept', { labels });
    const { code, stderr } = await acme.airfield('rollback', '1', '--no-wait', '-a', 'kept');
    expect(code).toBe(0);
    expect(stderr).toContain('warning: Flux (Kustomization flux/apps) manages this App and may undo this');
    expect(stderr).toContain('`flux suspend kustomization apps -n flux`');
  });

  it('refuses a release that is not there, and names those that are', async () => {
    expect(await acme.airfield('rollback', '9', '-a', 'hello')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: there is no release 9 any more; there is 1, 2, 3: `airfield releases -a hello` lists them\n',
    });
  });
});
