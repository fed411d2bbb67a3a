import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { AppSpecInput } from '../../../src/api/app.ts';
import { appCrd } from '../../../src/api/crd.ts';
import { apiVersion } from '../../../src/api/meta.ts';
import { apps } from '../../../src/controller/resources.ts';
import { type Addressed, connect } from '../../../src/kube/client.ts';
import { customResourceDefinitions } from '../../../src/kube/resources.ts';
import { until } from '../../cluster/exec.ts';

const client = await connect({ kubeConfigPath: inject('kubeconfig') });
const web = { internalPort: 8080, ports: [{ port: 80 }] };

/** What the API server says to an App; nothing is kept. */
async function verdict(spec: Partial<AppSpecInput> | object, name = 'hello'): Promise<string> {
  const object = { apiVersion, kind: 'App', metadata: { name, namespace: 'default' }, spec: { image: 'x:1', ...spec } };
  return client.apply(apps, object, { fieldManager: 'test', dryRun: true }).then(
    () => 'accepted',
    (error: Error) => error.message.replaceAll('Invalid value: ', ''),
  );
}

beforeAll(async () => {
  await client.apply(customResourceDefinitions, appCrd() as Addressed, { fieldManager: 'test', force: true });
  await until('the CRD to be served', async () => (await verdict({})) === 'accepted');
});

describe('the API server', () => {
  it('accepts the App of the README', async () => {
    const check = { type: 'http', path: '/health' };
    expect(await verdict({ services: [{ ...web, checks: [check] }], primaryRegion: 'iad' })).toBe('accepted');
  });

  it('lets the last field of an object be taken away', async () => {
    const hello = (network: object) => ({
      apiVersion,
      kind: 'App',
      metadata: { name: 'edited', namespace: 'default' },
      spec: { image: 'x:1', network },
    });
    await client.apply(apps, hello({ allowFrom: [{ app: 'other' }] }), { fieldManager: 'test' });
    const { spec } = await client.apply(apps, hello({}), { fieldManager: 'test' });
    expect(spec.network).toEqual({});
  });

  it('stores lists as they were applied, without defaults', async () => {
    const services = [{ internalPort: 8080, ports: [{ port: 80 }], checks: [{ type: 'http' }] }];
    const object = {
      apiVersion,
      kind: 'App',
      metadata: { name: 'stored', namespace: 'default' },
      spec: { image: 'x:1', services },
    };
    expect((await client.apply(apps, object, { fieldManager: 'test' })).spec.services).toEqual(services);
  });

  it('knows the established CRD as a structural one', async () => {
    interface Crd {
      status: { conditions: { type: string; status: string }[] };
    }
    const crd = await client.get<Crd>(customResourceDefinitions, { name: 'apps.airfield.dev' });
    const conditions = Object.fromEntries(crd.status.conditions.map(({ type, status }) => [type, status]));
    expect(conditions).toMatchObject({ Established: 'True', NamesAccepted: 'True' });
    expect(conditions.NonStructuralSchema).not.toBe('True');
  });

  it.each<[string, object, string]>([
    ['a field that there is not', { imag: 'x' }, 'spec.imag'],
    ['an unknown size, with the known ones', { processes: [{ name: 'app', vm: { size: 'huge' } }] }, 'shared-cpu-1x'],
    ['a port above 65535', { services: [{ internalPort: 70000 }] }, 'spec.services[0].internalPort'],
    ['an unknown process group', { services: [{ ...web, processes: ['web'] }] }, 'spec.services: services[].processes'],
    [
      'two services on one port',
      { services: [web, { ...web, internalPort: 1 }] },
      'two services listen on the same port',
    ],
    [
      'count beside regions',
      { processes: [{ name: 'app', count: 1, regions: [{ name: 'iad', count: 1 }] }] },
      'spec.processes[0]: write either `count` or `regions`',
    ],
    ['a variable of Fly', { env: { FLY_REGION: 'iad' } }, 'spec.env: env sets a variable'],
    ['a variable that no shell could read', { env: { '1A': '' } }, 'spec.env: a name in env'],
    [
      'canary with mounts',
      { deploy: { strategy: 'canary' }, mounts: [{ name: 'data', destination: '/data' }] },
      'spec.deploy: canary and bluegreen cannot be used with mounts',
    ],
    ['a kill timeout above 5 minutes', { killTimeout: '301s' }, 'spec.killTimeout: killTimeout may be at most'],
    ['a duration without a unit', { killTimeout: '10' }, 'spec.killTimeout'],
    [
      'a soft limit above the hard one',
      { services: [{ ...web, concurrency: { softLimit: 3, hardLimit: 2 } }] },
      'spec.services[0].concurrency: `softLimit`',
    ],
    [
      'forceHttps without http',
      { services: [{ internalPort: 1, ports: [{ port: 80, forceHttps: true }] }] },
      'spec.services[0].ports[0]: `forceHttps` needs',
    ],
    [
      'a port and a range',
      { services: [{ internalPort: 1, ports: [{ port: 80, startPort: 81, endPort: 82 }] }] },
      'spec.services[0].ports[0]: write either `port`',
    ],
    [
      'a path of a tcp check',
      { services: [{ ...web, checks: [{ type: 'tcp', path: '/' }] }] },
      'spec.services[0].checks[0]: a tcp check has no path',
    ],
    [
      'a peer that is nobody',
      { network: { allowFrom: [{ ports: [{ port: 1 }] }] } },
      'spec.network.allowFrom[0]: write either `cidr`',
    ],
    [
      'addresses that are none',
      { network: { egress: [{ cidr: '10.0.0.0' }] } },
      'spec.network.egress[0]: `cidr` must be like',
    ],
    [
      'a file with two contents',
      { files: [{ path: '/x', content: '', secretKeyRef: { name: 'a', key: 'b' } }] },
      'spec.files[0]: write exactly one of',
    ],
    ['an image with a space', { image: 'a b' }, 'spec.image'],
  ])('refuses %s', async (_, spec, message) => {
    expect(await verdict(spec)).toContain(message);
  });

  it.each(['Hello', '1up', 'a.b', 'internal', 'flycast', 'a'.repeat(64)])('refuses the name %s', async (name) => {
    expect(await verdict({}, name)).toMatch(/host name|cannot be called|Invalid/);
  });
});
