import { describe, expect, it } from 'vitest';
import { deployment } from '../../src/desired/deployment.ts';
import { groupsOf } from '../../src/desired/groups.ts';
import { anApp, settings } from './app-fixture.ts';

const web = { internalPort: 8080, ports: [{ port: 80 }] };

function build(spec: Parameters<typeof anApp>[0] = {}, group = 'app', with_ = settings) {
  const app = anApp(spec);
  const found = groupsOf(app.spec).find(({ name }) => name === group);
  if (!found) throw new Error(`no group ${group}`);
  const child = deployment(app, found, with_);
  const pod = child.spec?.template.spec;
  const container = pod?.containers[0];
  if (!pod || !container) throw new Error('no pod');
  return { child, pod, container };
}

const envOf = (spec: Parameters<typeof anApp>[0], group?: string) =>
  Object.fromEntries(
    (build(spec, group).container.env ?? []).map((item) => [
      item.name,
      item.value ?? item.valueFrom?.fieldRef?.fieldPath,
    ]),
  );

describe('the Deployment of a process group', () => {
  it.each([
    ['2 with a service', { services: [web] }, 2],
    ['1 without one', {}, 1],
    ['1 with a mount', { services: [web], mounts: [{ name: 'data', destination: '/data' }] }, 1],
    ['what the group says', { processes: [{ name: 'app', count: 5 }] }, 5],
    [
      'the sum of its regions',
      {
        processes: [
          {
            name: 'app',
            regions: [
              { name: 'iad', count: 1 },
              { name: 'fra', count: 2 },
            ],
          },
        ],
      },
      3,
    ],
  ])('has as many machines as the first deploy on Fly makes: %s', (_, spec, count) => {
    expect(build(spec).child.spec?.replicas).toBe(count);
  });

  it('gives only the groups of a service its ports and two machines', () => {
    const spec = { processes: [{ name: 'web' }, { name: 'worker' }], services: [{ ...web, processes: ['web'] }] };
    expect(build(spec, 'web').container.ports).toEqual([{ name: 'tcp-8080', containerPort: 8080, protocol: 'TCP' }]);
    expect(build(spec, 'worker').container.ports).toBeUndefined();
    expect(build(spec, 'worker').child.spec?.replicas).toBe(1);
  });

  it("runs the group's command in the place of the image's CMD, and its entrypoint in that of ENTRYPOINT", () => {
    const { container } = build({
      processes: [{ name: 'app', command: ['node', 'worker.js'], entrypoint: ['/init'] }],
    });
    expect(container).toMatchObject({ args: ['node', 'worker.js'], command: ['/init'] });
  });

  it("tells a machine what Fly tells it, and lets the App's own words stand", () => {
    expect(envOf({ primaryRegion: 'iad', env: { LOG: 'debug', PRIMARY_REGION: 'fra' } })).toMatchObject({
      FLY_APP_NAME: 'hello',
      FLY_PROCESS_GROUP: 'app',
      FLY_REGION: 'iad',
      FLY_VM_MEMORY_MB: '256',
      FLY_MACHINE_ID: 'metadata.name',
      FLY_PRIVATE_IP: 'status.podIP',
      PRIMARY_REGION: 'iad',
      LOG: 'debug',
    });
    expect(envOf({ env: { PRIMARY_REGION: 'fra' } })).toMatchObject({ PRIMARY_REGION: 'fra', FLY_REGION: 'local' });
  });

  it('keeps `$(NAME)` as it was written, because Fly does not replace it', () => {
    expect(envOf({ env: { A: '$(B) costs $5', C: '$HOME', D: '$$' } })).toMatchObject({
      A: '$$(B) costs $$5',
      C: '$HOME',
      D: '$$$$',
    });
  });

  it.each([
    ['shared-cpu-1x', {}, { requests: { cpu: '63m', memory: '256Mi' }, limits: { cpu: '1', memory: '256Mi' } }],
    [
      'shared-cpu-4x',
      { memory: '1024Mi' },
      { requests: { cpu: '250m', memory: '1Gi' }, limits: { cpu: '4', memory: '1Gi' } },
    ],
    ['performance-2x', {}, { requests: { cpu: '2', memory: '4Gi' }, limits: { cpu: '2', memory: '4Gi' } }],
    [
      'shared-cpu-1x',
      { cpus: 2 },
      { requests: { cpu: '125m', memory: '512Mi' }, limits: { cpu: '2', memory: '512Mi' } },
    ],
  ])('sizes %s %o', (size, more, resources) => {
    expect(build({ processes: [{ name: 'app', vm: { size, ...more } }] }).container.resources).toEqual(resources);
  });

  it('makes a check a readiness probe, asked every second until it passes once, and never a liveness probe', () => {
    const check = { type: 'http' as const, path: '/health', interval: '30s', timeout: '3s', headers: { Host: 'x' } };
    const { container } = build({ services: [{ ...web, checks: [check] }] });
    const httpGet = { path: '/health', port: 8080, scheme: 'HTTP', httpHeaders: [{ name: 'Host', value: 'x' }] };
    expect(container.readinessProbe).toEqual({ httpGet, periodSeconds: 30, timeoutSeconds: 3, failureThreshold: 1 });
    expect(container.startupProbe).toMatchObject({ httpGet, periodSeconds: 1, failureThreshold: 2 ** 31 - 1 });
    expect(container.livenessProbe).toBeUndefined();
  });

  it('asks whether the port accepts connections where a tcp service has no check', () => {
    expect(build({ services: [web] }).container.readinessProbe?.tcpSocket).toEqual({ port: 8080 });
    expect(build({ services: [{ ...web, protocol: 'udp' }] }).container.readinessProbe).toBeUndefined();
    expect(build().container.readinessProbe).toBeUndefined();
  });

  it('stops a machine with the signal and in the time that the App names', () => {
    const { pod, container } = build({ killSignal: 'SIGQUIT', killTimeout: '1m' });
    expect(pod.terminationGracePeriodSeconds).toBe(60);
    expect(container.lifecycle?.preStop?.exec?.command?.at(-1)).toContain('kill -s QUIT 1');
    expect(build({ killSignal: 'SIGTERM' }).container.lifecycle).toBeUndefined();
    expect(build({ killSignal: 'SIGKILL' }).pod.terminationGracePeriodSeconds).toBe(0);
  });

  it.each([
    [{}, '33%'],
    [{ maxUnavailable: 2 }, 2],
    [{ strategy: 'immediate' as const }, '100%'],
  ])('replaces as many machines at once as deploy says: %o', (deploy, maxUnavailable) => {
    expect(build({ deploy }).child.spec?.strategy?.rollingUpdate?.maxUnavailable).toBe(maxUnavailable);
  });

  it('answers to <app>.internal', () => {
    expect(build().pod).toMatchObject({ hostname: 'hello', subdomain: 'internal' });
  });

  it('gives a machine no right that it does not need', () => {
    const { pod, container } = build();
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false });
  });

  it('passes the restricted Pod Security Standard on request', () => {
    const { pod, container } = build({}, 'app', { ...settings, podSecurity: 'restricted' });
    expect(pod.securityContext).toEqual({ seccompProfile: { type: 'RuntimeDefault' }, runAsNonRoot: true });
    expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
  });
});
