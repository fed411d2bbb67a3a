import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { commandPod, podTemplate } from '../../src/desired/pod.ts';
import { anApp, aWorkload, settings, theWorkloads } from './app-fixture.ts';

type Spec = Partial<AppSpecInput>;

const web = { internalPort: 8080, ports: [{ port: 80 }] };
const http = (path: string) => ({ type: 'http' as const, path });
const proxy = { name: 'proxy', image: 'example.com/proxy:1' };
const prepare = { name: 'prepare', image: 'example.com/prepare:1' };

function build(spec: Spec = {}, group = 'app', with_ = settings) {
  const workload = theWorkloads(anApp(spec)).find((each) => each.group.name === group);
  if (!workload) throw new Error(`no group ${group}`);
  const { metadata, spec: pod } = podTemplate(workload, with_);
  const [container, ...others] = pod?.containers ?? [];
  if (!pod || !container) throw new Error('no pod');
  return { metadata, pod, container, others };
}

const envOf = (env: ReturnType<typeof build>['container']['env'] = []) =>
  Object.fromEntries(env.map((item) => [item.name, item.value ?? item.valueFrom?.fieldRef?.fieldPath]));

describe('the pod of a plain machine', () => {
  it('is its program and nothing else', () => {
    const { metadata, pod, others } = build({ killSignal: 'SIGTERM' });
    expect(others).toEqual([]);
    expect(Object.keys(metadata ?? {})).toEqual(['labels']);
    expect(pod).not.toHaveProperty('initContainers');
    expect(pod).not.toHaveProperty('volumes');
    expect(pod).not.toHaveProperty('tolerations');
  });

  it('answers to <app>.internal', () => {
    expect(build().pod).toMatchObject({ hostname: 'hello', subdomain: 'internal' });
  });

  it('has no right that it does not need', () => {
    const { pod, container } = build();
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false });
  });

  it('tells the program what Fly tells it', () => {
    const { container } = build({ primaryRegion: 'iad', env: { LOG: 'debug', PRIMARY_REGION: 'fra' } });
    expect(envOf(container.env)).toMatchObject({
      FLY_APP_NAME: 'hello',
      FLY_PROCESS_GROUP: 'app',
      FLY_REGION: 'iad',
      FLY_VM_MEMORY_MB: '256',
      FLY_MACHINE_ID: 'metadata.name',
      PRIMARY_REGION: 'iad',
      LOG: 'debug',
    });
  });

  it("runs the group's command in the place of the image's CMD, split as a shell would", () => {
    const processes = [{ name: 'app', command: ['node "worker 1.js" $(HOME)'], entrypoint: ['/init', '--'] }];
    const { container } = build({ processes });
    expect(container).toMatchObject({ args: ['node', 'worker 1.js', '$$(HOME)'], command: ['/init', '--'] });
  });
});

describe('all containers of a machine', () => {
  const processes = [{ name: 'app', sidecars: [proxy], init: [prepare] }];
  const services = [{ ...web, checks: [http('/a'), http('/b')] }];

  it('pass the restricted Pod Security Standard on request', () => {
    const { pod } = build({ processes, services }, 'app', { ...settings, podSecurity: 'restricted' });
    expect(pod.securityContext).toEqual({ seccompProfile: { type: 'RuntimeDefault' }, runAsNonRoot: true });
    const all = [...(pod.initContainers ?? []), ...pod.containers];
    expect(all).toHaveLength(4);
    for (const { securityContext } of all) {
      expect(securityContext).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
    }
  });

  it('leave the program the one that kubectl means', () => {
    const annotations = { 'kubectl.kubernetes.io/default-container': 'app' };
    expect(build({ processes }).metadata?.annotations).toEqual(annotations);
    expect(build({ services }).metadata?.annotations).toEqual(annotations);
  });

  it('have names of their own', () => {
    const sidecars = [{ ...proxy, name: 'check-2' }];
    const names = ({ pod }: ReturnType<typeof build>) =>
      [...(pod.initContainers ?? []), ...pod.containers].map(({ name }) => name);
    const app = build({ processes: [{ name: 'app', sidecars }], services });
    expect(names(app)).toEqual(['check-2', 'app', 'check-3']);
    const odd = build({ processes: [{ name: 'check-2' }], services }, 'check-2');
    expect(names(odd)).toEqual(['check-2', 'check-3']);
  });
});

describe('what runs before and beside a program', () => {
  const files = [{ path: '/etc/app.conf', content: 'x' }];
  const mounts = [{ name: 'the-data', destination: '/data' }];
  const own = { ...proxy, env: { MODE: 'fast', FLY_REGION: 'mars' }, entrypoint: ['/proxy'], command: ['--port 1'] };

  it('is what must end well first, then native sidecars', () => {
    const { pod } = build({ processes: [{ name: 'app', sidecars: [proxy], init: [prepare] }] });
    expect(pod.initContainers?.map(({ name, restartPolicy }) => [name, restartPolicy])).toEqual([
      ['prepare', undefined],
      ['proxy', 'Always'],
    ]);
  });

  it('sees the volumes and files of the program, and nothing of how that is stopped', () => {
    const { pod, container } = build({
      files,
      mounts,
      processes: [{ name: 'app', sidecars: [proxy], init: [prepare] }],
    });
    const paths = (each: typeof container | undefined) => each?.volumeMounts?.map(({ mountPath }) => mountPath);
    expect(paths(container)).toEqual(['/data', '/etc/app.conf', '/.airfield']);
    for (const extra of pod.initContainers ?? []) {
      expect(paths(extra)).toEqual(['/data', '/etc/app.conf']);
      expect(extra).not.toHaveProperty('lifecycle');
    }
    expect(container.volumeMounts?.[0]?.name).toBe('the--data');
    expect(pod.volumes?.map(({ name }) => name)).toEqual(['airfield-files', 'airfield-stop']);
  });

  it('has its own environment with what Fly tells the machine, and its own command', () => {
    const { pod } = build({ env: { SECRET: 'x' }, processes: [{ name: 'app', sidecars: [own] }] });
    const [sidecar] = pod.initContainers ?? [];
    expect(envOf(sidecar?.env)).toMatchObject({ MODE: 'fast', FLY_APP_NAME: 'hello', FLY_REGION: 'local' });
    expect(envOf(sidecar?.env)).not.toHaveProperty('SECRET');
    expect(sidecar).toMatchObject({ command: ['/proxy'], args: ['--port', '1'] });
  });

  it('has a size only where it is given one', () => {
    const sized = { ...proxy, vm: { size: 'shared-cpu-1x' } };
    const { pod } = build({ processes: [{ name: 'app', sidecars: [sized], init: [prepare] }] });
    expect(pod.initContainers?.map(({ resources }) => resources?.limits?.memory)).toEqual([undefined, '256Mi']);
  });
});

describe('the checks of a machine', () => {
  const services = [{ ...web, checks: [http('/a'), http('/b'), { type: 'tcp' as const }] }];

  it('are the first one on the program, and each further one on a container that does nothing', () => {
    const { container, others } = build({ services });
    expect(container.readinessProbe?.httpGet?.path).toBe('/a');
    expect(others.map(({ name, image }) => [name, image])).toEqual([
      ['check-2', settings.pauseImage],
      ['check-3', settings.pauseImage],
    ]);
    expect(others.map(({ readinessProbe }) => readinessProbe?.httpGet?.path)).toEqual(['/b', undefined]);
    expect(others.map(({ startupProbe }) => startupProbe?.tcpSocket?.port)).toEqual([undefined, 8080]);
    for (const { resources } of others) expect(resources?.requests).toEqual({ cpu: '1m', memory: '8Mi' });
  });

  it('never restart it', () => {
    const { pod } = build({ services });
    for (const each of pod.containers) expect(each.livenessProbe).toBeUndefined();
  });
});

describe('a machine that is asked for more', () => {
  it('says where its metrics are', () => {
    const metrics = [{ port: 9091, https: true }, { port: 9092 }, { port: 1, processes: ['worker'] }];
    const { metadata, container } = build({ metrics, processes: [{ name: 'app' }, { name: 'worker' }] });
    expect(metadata?.annotations).toEqual({
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '9091',
      'prometheus.io/path': '/metrics',
      'prometheus.io/scheme': 'https',
    });
    expect(container.ports?.map(({ name }) => name)).toEqual(['metrics-9091', 'metrics-9092']);
  });

  it('goes to a node with its GPU, in its region', () => {
    const with_ = { ...settings, regions: { mode: 'require' as const, labels: {} } };
    const { pod } = build({ primaryRegion: 'iad', processes: [{ name: 'app', vm: { size: 'l40s' } }] }, 'app', with_);
    const [term, ...more] =
      pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
    expect(more).toEqual([]);
    expect(term?.matchExpressions?.map(({ key }) => key)).toEqual([
      'topology.kubernetes.io/region',
      'nvidia.com/gpu.product',
    ]);
    expect(pod.tolerations).toHaveLength(1);
  });

  it('stops as its App says', () => {
    const { pod, container } = build({ services: [web], killSignal: 'SIGQUIT', killTimeout: '1m' });
    expect(pod.terminationGracePeriodSeconds).toBe(65);
    expect(container.lifecycle?.preStop?.exec?.command).toEqual(['/.airfield/stop', '3', '5']);
  });
});

describe('the pod of a release command', () => {
  const spec: Spec = {
    primaryRegion: 'iad',
    env: { RELEASE_COMMAND: 'mine', LOG: 'debug' },
    files: [{ path: '/etc/app.conf', content: 'x' }],
    mounts: [{ name: 'data', destination: '/data' }],
    services: [{ ...web, checks: [http('/a'), http('/b')] }],
    processes: [{ name: 'app', command: ['npm run migrate'], sidecars: [proxy], init: [prepare] }],
  };
  const labels = { 'airfield.dev/role': 'release-command' };
  const purpose = { group: 'fly_app_release_command', env: { RELEASE_COMMAND: '1' } };
  const template = commandPod({ ...aWorkload(spec), labels, purpose }, settings);
  const [container, ...others] = template.spec?.containers ?? [];

  it('runs the command once, with the image, environment and files of the release', () => {
    expect(template).toMatchObject({ metadata: { labels }, spec: { restartPolicy: 'Never' } });
    expect(container).toMatchObject({ image: 'example.com/hello:1', args: ['npm', 'run', 'migrate'] });
    expect(container?.volumeMounts?.map(({ mountPath }) => mountPath)).toEqual(['/etc/app.conf', '/.airfield']);
    expect(envOf(container?.env)).toMatchObject({
      RELEASE_COMMAND: '1',
      FLY_PROCESS_GROUP: 'fly_app_release_command',
      FLY_REGION: 'iad',
      LOG: 'debug',
    });
  });

  it('has nothing else: no volume of a machine, no port, no check, no sidecar, no name, no draining', () => {
    expect(others).toEqual([]);
    for (const field of ['ports', 'readinessProbe', 'startupProbe']) expect(container).not.toHaveProperty(field);
    for (const field of ['initContainers', 'hostname', 'subdomain']) expect(template.spec).not.toHaveProperty(field);
    expect(template.spec?.terminationGracePeriodSeconds).toBe(5);
  });
});
