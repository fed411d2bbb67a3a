import { describe, expect, inject, it } from 'vitest';
import type { AppSpecInput } from '../../../src/api/app.ts';
import type { PodTemplate } from '../../../src/api/kubernetes.ts';
import { covers } from '../../../src/controller/drift.ts';
import { deployment } from '../../../src/desired/deployment.ts';
import { fileConfigMap } from '../../../src/desired/files.ts';
import { releaseCommand } from '../../../src/desired/release-command.ts';
import type { Settings } from '../../../src/desired/settings.ts';
import { connect } from '../../../src/kube/client.ts';
import { configMaps, deployments, jobs, type Resource } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { anApp, aRelease, settings, theWorkloads } from '../../desired/app-fixture.ts';

const client = await connect({ kubeConfigPath: inject('kubeconfig') });

/** Everything that a pod can be asked for, of everything more than one. */
const everything: Partial<AppSpecInput> = {
  primaryRegion: 'iad',
  env: { LOG: 'debug', PRICE: '$(5)' },
  processes: [
    {
      name: 'app',
      vm: { size: 'a100-80gb', gpus: 2 },
      sidecars: [
        { name: 'check-2', image: 'example.com/proxy:1', vm: { size: 'shared-cpu-1x' }, env: { EMPTY: '' } },
        { name: 'shipper', image: 'example.com/shipper:1', entrypoint: ['/bin/ship'], command: ['--to "a b"'] },
      ],
      init: [{ name: 'prepare', image: 'example.com/prepare:1' }],
    },
    { name: 'other' },
  ],
  services: [
    { internalPort: 8080, processes: ['other'], ports: [{ port: 80 }] },
    {
      internalPort: 8080,
      processes: ['app'],
      ports: [{ port: 81 }],
      checks: [
        { type: 'http', path: '/a', headers: { Host: 'x', 'X-Empty': '' }, interval: '1ms', timeout: '1h' },
        { type: 'http', path: '/b', protocol: 'https' },
        { type: 'tcp' },
      ],
    },
    { internalPort: 53, protocol: 'udp', processes: ['app'], ports: [{ port: 53 }] },
  ],
  files: [
    { path: '/etc/app.conf', content: 'port = 8080\n' },
    { path: '/etc/empty', content: '' },
    { path: '/run/key.pem', secretKeyRef: { name: 'tls.example.com', key: 'tls.key' } },
    { path: '/run/again.pem', secretKeyRef: { name: 'tls.example.com', key: 'tls.key' } },
    { path: '/etc/motd', configMapKeyRef: { name: 'texts', key: 'motd' } },
  ],
  metrics: [{ port: 8080 }, { port: 65535, https: true }],
  deploy: { releaseCommand: ['npm run migrate'] },
  killTimeout: '1m',
};

type Stored = KubeObject & { spec: { template: PodTemplate }; data?: object };

/** What the API server would store; nothing is kept. */
const stored = (resource: Resource, object: object): Promise<Stored> =>
  client.apply(resource, object as Stored & { metadata: { namespace: string } }, {
    fieldManager: 'test',
    dryRun: true,
  });

/** Whether the API server keeps every word of the template. */
async function keeps(resource: Resource, object: { spec?: { template: PodTemplate } }): Promise<boolean> {
  const found = await stored(resource, object);
  return covers(JSON.parse(JSON.stringify(found.spec.template)), JSON.parse(JSON.stringify(object.spec?.template)));
}

function appOf(spec: Partial<AppSpecInput>) {
  const app = anApp({ ...everything, ...spec });
  return { ...app, metadata: { ...app.metadata, namespace: 'default' } };
}

describe('the API server stores exactly what is in the pod of a machine', () => {
  const signals: Partial<AppSpecInput>[] = [{}, { killSignal: 'SIGTERM' }, { killSignal: 'SIGKILL' }];
  const hooks: Partial<Settings>[] = [{ stopHook: 'arm64', podSecurity: 'restricted' }, { stopHook: 'shell' }];
  const cases = hooks.flatMap((with_) => signals.map((spec) => ({ with_, spec })));

  it.each(cases)('of an App with everything: %o', async ({ with_, spec }) => {
    for (const workload of theWorkloads(appOf(spec))) {
      expect(await keeps(deployments, deployment(workload, { ...settings, ...with_ }))).toBe(true);
    }
  });

  it('of a plain App', async () => {
    const [workload] = theWorkloads({ ...appOf({}), spec: anApp().spec });
    expect(await keeps(deployments, deployment(workload!, settings))).toBe(true);
  });

  it('takes a machine whose signal Kubernetes sends', async () => {
    const [workload] = theWorkloads(appOf({}));
    const found = await stored(deployments, deployment(workload!, { ...settings, stopHook: 'native' }));
    expect(found).toMatchObject({ spec: { template: { spec: { os: { name: 'linux' } } } } });
  });
});

it('the API server stores exactly what is in the pod of a release command, and its files', async () => {
  const app = appOf({});
  const release = aRelease(app);
  expect(await keeps(jobs, releaseCommand(app, release, settings))).toBe(true);
  const map = fileConfigMap(app, release)!;
  expect(await stored(configMaps, map)).toMatchObject({ data: map.data, immutable: true });
});
