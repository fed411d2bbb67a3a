import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../../src/api/app.ts';
import { apps } from '../../../src/controller/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { HandMade } from './hand-made.ts';

type StoredApp = KubeObject & { readonly spec: AppSpecInput };
let acme: HandMade;

beforeAll(async () => {
  acme = await HandMade.create();
  await acme.app('plain');
  await acme.app('grouped', {
    processes: [
      { name: 'app', count: 2 },
      {
        name: 'worker',
        command: ['work'],
        regions: [
          { name: 'iad', count: 1 },
          { name: 'fra', count: 1 },
        ],
      },
    ],
  });
});
afterAll(() => acme.close());

const spec = async (name: string) => (await acme.client.get<StoredApp>(apps, { namespace: acme.namespace, name })).spec;

describe('airfield scale', () => {
  it('sets the count of the default group, where kubectl scale sets it', async () => {
    const { code, stdout } = await acme.airfield('scale', '3', '-a', 'plain');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'app: 3 machines\n' });
    expect(await spec('plain')).toMatchObject({ count: 3 });
  });

  it('sets those of groups and regions, and leaves the rest of them as it is', async () => {
    const { code, stdout } = await acme.airfield('scale', 'app=4', 'worker/fra=0', '-a', 'grouped');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'app: 4 machines\nworker: 0 machines in fra\n' });
    expect((await spec('grouped')).processes).toMatchObject([
      { name: 'app', count: 4 },
      {
        name: 'worker',
        command: ['work'],
        regions: [
          { name: 'iad', count: 1 },
          { name: 'fra', count: 0 },
        ],
      },
    ]);
  });

  it('sets the size of all groups, or of one', async () => {
    const all = await acme.airfield('scale', 'vm', 'performance-1x', '--memory', '4Gi', '-a', 'plain');
    expect(all).toMatchObject({ code: 0, stdout: 'app: performance-1x, 4Gi\n' });
    expect((await spec('plain')).processes).toMatchObject([
      { name: 'app', vm: { size: 'performance-1x', memory: '4Gi' } },
    ]);
    expect(await acme.airfield('scale', 'vm', 'shared-cpu-2x', '--process', 'worker', '-a', 'grouped')).toMatchObject({
      code: 0,
      stdout: 'worker: shared-cpu-2x\n',
    });
  });

  it('shows what there is', async () => {
    await acme.app('shown', { processes: [{ name: 'app' }, { name: 'worker', count: 2, vm: { memory: '1Gi' } }] });
    await acme.status('shown', { processes: [{ name: 'worker', desired: 2, ready: 1, stopped: 0 }] });
    const { stdout } = await acme.airfield('scale', 'show', '-a', 'shown');
    expect(stdout).toBe(`GROUP   COUNT    READY  STOPPED  SIZE           MEMORY
app     default  0      0        shared-cpu-1x  256Mi
worker  2        1      0        shared-cpu-1x  1Gi
`);
  });

  it.each([
    [['other=2', '-a', 'grouped'], 'error: there is no process group other; there is app, worker\n'],
    [['worker=2', '-a', 'grouped'], 'error: worker has regions: say which one, such as `worker/iad=2`\n'],
    [['worker/lax=2', '-a', 'grouped'], 'error: worker is not in lax; it is in iad, fra\n'],
  ])('refuses %j, and says what to write', async (args, stderr) => {
    expect(await acme.airfield('scale', ...args)).toEqual({ code: 2, stdout: '', stderr });
  });

  it('warns where Argo CD keeps the App', async () => {
    const annotations = { 'argocd.argoproj.io/tracking-id': 'shop:airfield.dev/App:acme/kept' };
    await acme.app('kept', {}, { annotations });
    const { code, stderr } = await acme.airfield('scale', '2', '-a', 'kept');
    expect(code).toBe(0);
    expect(stderr).toContain('warning: Argo CD (Application shop) manages this App and may undo this: write');
  });
});

describe('airfield open', () => {
  it('prints the URL where there is no terminal', async () => {
    await acme.app('web');
    await acme.status('web', { urls: ['tcp://1.2.3.4:5432', 'https://web.example.com'] });
    expect(await acme.airfield('open', 'admin', '-a', 'web')).toEqual({
      code: 0,
      stdout: 'https://web.example.com/admin\n',
      stderr: '',
    });
  });

  it('says what to do where there is none', async () => {
    const { code, stderr } = await acme.airfield('open', '-a', 'plain');
    expect(code).toBe(1);
    expect(stderr).toBe('error: plain has no URL for browsers: `airfield proxy 8080 -a plain` leads to it\n');
  });
});
