import { describe, expect, it } from 'vitest';
import type { ObservedPod } from '../../src/api/kubernetes.ts';
import { machineTrouble, whyNotReady } from '../../src/release/machine-trouble.ts';

type Given = { spec?: object; status: object };

const pod = ({ spec, status }: Given) =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'hello-1' }, spec, status }) as unknown as ObservedPod;
const running = { running: { startedAt: '2026-01-01T00:00:00Z' } };
const creating = { waiting: { reason: 'ContainerCreating' } };
const container = (name: string, state: object, more = {}) => ({ name, state, ready: false, ...more });

describe('a machine whose volumes are not there', () => {
  const before = (volumes: object[]) =>
    pod({
      spec: { volumes },
      status: {
        conditions: [{ type: 'PodReadyToStartContainers', status: 'False' }],
        containerStatuses: [container('app', creating)],
      },
    });
  const secret = (secretName: string, key: string) => ({
    name: `airfield-secret-${secretName}`,
    secret: { secretName, items: [{ key, path: 'x' }] },
  });

  it('is not told of while it is merely starting', () => {
    expect(machineTrouble(before([secret('tokens', 'hello')]))).toBeUndefined();
  });

  it('waits for the Secret and the key that its file names', () => {
    expect(whyNotReady(before([secret('tokens', 'hello')]))).toEqual({
      reason: 'VolumesNotReady',
      message: 'machine hello-1: does not start before its volumes are there (Secret tokens with key hello)',
    });
  });

  it('waits for all that it has not made itself', () => {
    const volumes = [
      { name: 'airfield-files', configMap: { name: 'hello-files-1', items: [] } },
      secret('tokens', 'hello'),
      { name: 'airfield-configmap-1', configMap: { name: 'settings', items: [{ key: 'a' }, { key: 'b' }] } },
      { name: 'data', persistentVolumeClaim: { claimName: 'data-hello-app-0' } },
      { name: 'airfield-stop', configMap: { name: 'airfield-stop' } },
    ];
    expect(whyNotReady(before(volumes))?.message).toContain(
      '(Secret tokens with key hello, ConfigMap settings with key a and b, PersistentVolumeClaim data-hello-app-0)',
    );
  });

  it('waits for its network where it has no volume that could be missing', () => {
    const { reason, message } = whyNotReady(before([])) ?? {};
    expect(reason).toBe('NetworkNotReady');
    expect(message).toBe('machine hello-1: does not start before it has an address');
  });
});

describe('a machine whose check does not pass', () => {
  const containers = (readinessProbe: object) => [{ name: 'app' }, { name: 'check-2', readinessProbe }];
  const status = { containerStatuses: [container('app', running, { ready: true }), container('check-2', running)] };
  const message = (probe: object) => whyNotReady(pod({ spec: { containers: containers(probe) }, status }))?.message;

  it('names the one of several', () => {
    expect(message({ httpGet: { path: '/second', port: 8080, scheme: 'HTTP' } })).toBe(
      'machine hello-1: runs, but its check does not pass (GET http://:8080/second)',
    );
    expect(message({ tcpSocket: { port: 5432 } })).toContain('(tcp port 5432)');
  });

  it('is not said to fail where a program comes and goes', () => {
    const ended = { lastState: { terminated: { exitCode: 3 } } };
    const crashing = pod({ status: { containerStatuses: [container('app', running, ended)] } });
    expect(whyNotReady(crashing)).toMatchObject({ reason: 'Crashed' });
  });
});
