import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { fileConfigMap, filesOf, filesTooLarge } from '../../src/desired/files.ts';
import { anApp, aRelease, theWorkloads } from './app-fixture.ts';

type Files = NonNullable<AppSpecInput['files']>;

const conf = { path: '/etc/app.conf', content: 'port = 8080\n' };
const key = { path: '/run/key.pem', secretKeyRef: { name: 'tls.example.com', key: 'tls.key' } };
const cert = { path: '/run/cert.pem', secretKeyRef: { name: 'tls.example.com', key: 'tls.crt' } };
const motd = { path: '/etc/motd', configMapKeyRef: { name: 'texts', key: 'motd' } };

function stored(files: Files, name = 'hello') {
  const app = anApp({ files }, name);
  return fileConfigMap(app, aRelease(app));
}

function seen(files: Files, group = 'app', processes?: AppSpecInput['processes']) {
  const workload = theWorkloads(anApp({ files, processes })).find((each) => each.group.name === group);
  if (!workload) throw new Error(`no group ${group}`);
  return filesOf(workload);
}

describe('the contents of files', () => {
  it('are kept in one ConfigMap that cannot be changed', () => {
    const map = stored([conf, { path: '/etc/empty', content: '' }, key]);
    expect(map).toMatchObject({ kind: 'ConfigMap', metadata: { namespace: 'acme' }, immutable: true });
    expect(Object.values(map?.data ?? {}).sort()).toEqual(['', conf.content]);
    for (const name of Object.keys(map?.data ?? {})) expect(name).toMatch(/^[-._a-zA-Z0-9]+$/);
  });

  it('need none where no file has any', () => {
    expect(stored([])).toBeUndefined();
    expect(stored([key, motd])).toBeUndefined();
  });

  it('have a name of their own, so that another release has its own and a rollback finds the old ones', () => {
    const name = (files: Files, app?: string) => stored(files, app)?.metadata.name;
    expect(name([conf])).toMatch(/^hello-files-[0-9a-f-]+$/);
    expect(name([{ ...conf, content: 'other' }])).not.toBe(name([conf]));
    expect(name([{ ...conf, path: '/etc/other.conf' }])).not.toBe(name([conf]));
    expect(name([conf], 'other')).not.toBe(name([conf]));
    expect(name([conf, { ...conf, path: '/b' }])).toBe(name([{ ...conf, path: '/b' }, conf]));
    expect(name([conf], 'a'.repeat(63))?.length).toBeLessThanOrEqual(63);
  });

  it('are refused in words before they are more than can be stored', () => {
    const many = (count: number, content: string) =>
      anApp({ files: Array.from({ length: count }, (_, index) => ({ path: `/f${index}`, content })) }).spec;
    expect(filesTooLarge(many(9, 'x'.repeat(100_000)))).toBeUndefined();
    expect(filesTooLarge(many(4, 'x'.repeat(250_000)))).toMatch(/1000 kB in total, and at most 900 kB/);
    expect(filesTooLarge(many(4, 'é'.repeat(120_000)))).toMatch(/960 kB in total/);
  });
});

describe('the files of a machine', () => {
  it('are each mounted read-only at their path, alone', () => {
    const { volumes, volumeMounts } = seen([conf, key]);
    expect(volumeMounts).toEqual([
      expect.objectContaining({ mountPath: '/etc/app.conf', readOnly: true }),
      expect.objectContaining({ mountPath: '/run/key.pem', readOnly: true }),
    ]);
    for (const { name, subPath } of volumeMounts) {
      const volume = volumes.find((each) => each.name === name);
      const items = volume?.secret?.items ?? volume?.configMap?.items ?? [];
      expect(items.map(({ path }) => path)).toContain(subPath);
    }
  });

  it('come from the ConfigMap of their contents', () => {
    const map = stored([conf, motd]);
    const [volume] = seen([conf, motd]).volumes;
    expect(volume?.configMap?.name).toBe(map?.metadata.name);
    expect(volume?.configMap?.items?.map(({ key }) => map?.data?.[key])).toEqual([conf.content]);
  });

  it('share one volume for each object, which must exist', () => {
    const { volumes } = seen([key, motd, cert]);
    expect(volumes).toEqual([
      {
        name: expect.stringMatching(/^airfield-secret-[0-9a-f]{16}$/),
        secret: {
          secretName: 'tls.example.com',
          items: [expect.objectContaining({ key: 'tls.key' }), expect.objectContaining({ key: 'tls.crt' })],
        },
      },
      {
        name: expect.stringMatching(/^airfield-configmap-[0-9a-f]{16}$/),
        configMap: { name: 'texts', items: [expect.objectContaining({ key: 'motd' })] },
      },
    ]);
  });

  it('may come from the same key twice', () => {
    const { volumes } = seen([key, { ...key, path: '/run/again.pem' }]);
    const paths = volumes[0]?.secret?.items?.map(({ path }) => path) ?? [];
    expect(new Set(paths).size).toBe(2);
  });

  it('are those of its group, or of all groups', () => {
    const processes = [{ name: 'app' }, { name: 'worker' }];
    const files = [conf, { ...key, processes: ['worker'] }];
    const paths = (group: string) => seen(files, group, processes).volumeMounts.map(({ mountPath }) => mountPath);
    expect(paths('app')).toEqual(['/etc/app.conf']);
    expect(paths('worker')).toEqual(['/etc/app.conf', '/run/key.pem']);
  });
});
