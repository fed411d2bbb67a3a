import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import type { Settings } from '../../src/desired/settings.ts';
import { stopConfigMap } from '../../src/desired/stop-config-map.ts';
import { gracePeriodSeconds, lifecycle, stopProgramMount, stopRequirements } from '../../src/desired/stopping.ts';
import { aWorkload, settings } from './app-fixture.ts';

const services = [{ internalPort: 8080 }];
const signals = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const;

function stop(spec: Partial<AppSpecInput>, with_: Partial<Settings> = {}) {
  const workload = aWorkload(spec);
  const all = { ...settings, ...with_ };
  return {
    ...lifecycle(workload, all).lifecycle,
    seconds: gracePeriodSeconds(workload, all),
    mount: stopProgramMount(workload, all),
    ...stopRequirements(all),
  };
}

describe('a machine that is stopped', () => {
  it.each([
    ['drains, and then has its time', { services, killTimeout: '1m' }, 65],
    ['has its time only, where it does not serve', { killTimeout: '1m' }, 60],
    ['drains only, where SIGKILL gives it no time', { services, killSignal: 'SIGKILL', killTimeout: '1m' }, 5],
    ['is never forgotten while it runs', { killSignal: 'SIGKILL' }, 1],
  ] as const)('%s', (_, spec, seconds) => {
    expect(stop(spec as Partial<AppSpecInput>).seconds).toBe(seconds);
  });

  it.each(signals)('hears %s from a program that the image need not have', (killSignal) => {
    const found = stop({ services, killSignal });
    const [folder] = found.mount.volumeMounts;
    const [program, number, drain] = found.preStop?.exec?.command ?? [];
    expect(program).toBe(`${folder?.mountPath}/stop`);
    expect(Number(number)).toBe(constants.signals[killSignal]);
    expect(drain).toBe('5');
    expect(stop({ killSignal }).preStop?.exec?.command?.at(-1)).toBe('0');
  });

  it('finds that program in the ConfigMap of its namespace, and may run it', () => {
    const { metadata, binaryData } = stopConfigMap('acme', 'amd64');
    const { volumes, volumeMounts } = stop({}).mount;
    expect(volumes).toEqual([
      {
        name: 'airfield-stop',
        configMap: { name: metadata.name, defaultMode: 0o555, items: [{ key: 'stop', path: 'stop' }] },
      },
    ]);
    expect(volumeMounts).toEqual([{ name: 'airfield-stop', mountPath: '/.airfield', readOnly: true }]);
    expect(Object.keys(binaryData ?? {})).toEqual(['stop']);
  });

  it('hears it from a shell where no program fits all nodes', () => {
    const found = stop({ services }, { stopHook: 'shell' });
    expect(found.preStop?.exec?.command?.slice(0, 2)).toEqual(['/bin/sh', '-c']);
    expect(found.preStop?.exec?.command?.[2]).toMatch(/^sleep 5; kill -s INT 1; while kill -0 1/);
    expect(stop({}, { stopHook: 'shell' }).preStop?.exec?.command?.[2]).toMatch(/^kill -s INT 1;/);
    expect(found.mount.volumes).toEqual([]);
  });

  it('hears it from Kubernetes where that can send it', () => {
    const found = stop({ services, killSignal: 'SIGQUIT' }, { stopHook: 'native' });
    expect(found).toMatchObject({ stopSignal: 'SIGQUIT', preStop: { sleep: { seconds: 5 } }, os: { name: 'linux' } });
    expect(found.mount.volumes).toEqual([]);
    expect(stop({}, { stopHook: 'native' }).preStop).toBeUndefined();
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('needs no hook but the wait for %s', (killSignal) => {
    const found = stop({ services, killSignal });
    expect(found.preStop).toEqual({ sleep: { seconds: 5 } });
    expect(found.mount.volumes).toEqual([]);
    expect(stop({ killSignal }).preStop).toBeUndefined();
    expect(stop({ services, killSignal }, { drainSeconds: 0 }).preStop).toBeUndefined();
  });
});
