import { beforeAll, describe, expect, inject, it } from 'vitest';
import { apiVersion } from '../../../src/api/meta.ts';
import { apps } from '../../../src/controller/resources.ts';
import { ensureBinaries } from '../../cluster/binaries.ts';
import { run } from '../../cluster/exec.ts';
import { client, installCrd, verdict } from './app-verdict.ts';

const data = { name: 'data', destination: '/data' };
const namespace = 'default';

/** Stores an App under a name of its own. */
async function stored(name: string, spec: object): Promise<void> {
  const object = { apiVersion, kind: 'App', metadata: { name, namespace }, spec: { image: 'x:1', ...spec } };
  await client.apply(apps, object, { fieldManager: 'test' });
}

beforeAll(installCrd);

describe('an edit of an App', () => {
  it.each<[string, string | undefined, string | undefined, string]>([
    ['shrinks', '10Gi', '9Gi', 'spec.mounts[0].size: a volume cannot shrink: keep the size, or add a mount'],
    ['shrinks to what it is without a word', '2Gi', undefined, 'a volume cannot shrink'],
    ['shrinks from what it is without a word', undefined, '1023Mi', 'a volume cannot shrink'],
    ['is spelled in another way', '1Gi', '1024Mi', 'accepted'],
    ['is said though it is what it is without a word', undefined, '1Gi', 'accepted'],
    ['grows', undefined, '1025Mi', 'accepted'],
  ])('that makes the size of a volume one that %s: from %s to %s', async (what, before, after, answer) => {
    const name = `size-${what.replaceAll(' ', '-')}`;
    await stored(name, { mounts: [{ ...data, ...(before && { size: before }) }] });
    expect(await verdict({ mounts: [{ ...data, ...(after && { size: after }) }] }, name)).toContain(answer);
  });

  it('may put the mounts into another order', async () => {
    const [big, small] = [
      { name: 'big', destination: '/big', size: '9Gi' },
      { name: 'small', destination: '/small', size: '2Gi' },
    ];
    await stored('order', { mounts: [big, small] });
    expect(await verdict({ mounts: [small, big] }, 'order')).toBe('accepted');
  });

  it('does not move volumes to another region', async () => {
    await stored('moved', { primaryRegion: 'iad', mounts: [data] });
    const refusal = /spec\.primaryRegion: .*primaryRegion cannot change while the App has mounts/;
    expect(await verdict({ primaryRegion: 'fra', mounts: [data] }, 'moved')).toMatch(refusal);
    expect(await verdict({ mounts: [data] }, 'moved')).toMatch(refusal);
    expect(await verdict({ primaryRegion: 'iad', mounts: [data] }, 'moved')).toBe('accepted');
    expect(await verdict({ primaryRegion: 'fra' }, 'moved')).toBe('accepted');
  });

  it('moves machines without volumes, and to where their first volumes will be', async () => {
    await stored('moving', { primaryRegion: 'iad' });
    expect(await verdict({ primaryRegion: 'fra' }, 'moving')).toBe('accepted');
    expect(await verdict({ primaryRegion: 'fra', mounts: [data] }, 'moving')).toBe('accepted');
  });
});

describe('kubectl scale', async () => {
  const { kubectl } = await ensureBinaries(['kubectl']);
  const scale = (name: string, replicas: number) =>
    run(kubectl, ['--kubeconfig', inject('kubeconfig'), 'scale', `app/${name}`, `--replicas=${replicas}`]);
  const countOf = async (name: string) =>
    (await client.get<{ spec: { count?: number } }>(apps, { namespace, name })).spec.count;

  it('changes the number of machines of the default group, also where none was said before', async () => {
    await stored('scaled', { processes: [{ name: 'app' }, { name: 'worker', count: 3 }] });
    await scale('scaled', 4);
    expect(await countOf('scaled')).toBe(4);
    await scale('scaled', 0);
    expect(await countOf('scaled')).toBe(0);
  });

  it('reads how many there should be and are, for those who scale by themselves', async () => {
    await stored('measured', { count: 2 });
    const status = { apiVersion, kind: 'App', metadata: { name: 'measured', namespace } };
    const seen = { status: { observedGeneration: 1, replicas: 1, selector: 'airfield.dev/app=measured' } };
    await client.mergePatch(apps, status.metadata, seen, { subresource: 'status' });
    const read = await client.get(apps, { namespace, name: 'measured' }, { subresource: 'scale' });
    expect(read).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 2 },
      status: { replicas: 1, selector: 'airfield.dev/app=measured' },
    });
  });

  it('says where the number stands that it cannot change', async () => {
    await stored('fixed', { processes: [{ name: 'app', count: 1 }] });
    await expect(scale('fixed', 2)).rejects.toThrow(/`count` is the number of machines of the default group/);
    expect(await countOf('fixed')).toBeUndefined();
  });
});
