import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { machineCheck, machineChecksOf } from '../../src/desired/machine-check.ts';
import { networkPolicy } from '../../src/desired/network-policy.ts';
import { anApp, settings, theWorkloads } from './app-fixture.ts';

type Service = NonNullable<AppSpecInput['services']>[number];
type Check = NonNullable<Service['machineChecks']>[number];

function jobOf(check: Check, spec: Partial<AppSpecInput> = {}) {
  const service = { internalPort: 8080, machineChecks: [check] };
  const app = anApp({ services: [service], deploy: { waitTimeout: '2m' }, ...spec });
  const [found] = machineChecksOf(theWorkloads(app));
  const job = machineCheck({ ...found!, address: '10.1.2.3' }, settings);
  const [container] = job.spec!.template.spec!.containers;
  const env = Object.fromEntries(container!.env!.map(({ name, value }) => [name, value]));
  return { job, container: container!, env, pod: job.spec!.template };
}

describe('the Job of a machine check', () => {
  it('knows the machine that it is about, and what the App knows', () => {
    const { env } = jobOf(
      { command: ['try'] },
      { env: { COLOUR: 'red', FLY_TEST_COMMAND: 'mine' }, primaryRegion: 'fra' },
    );
    expect(env).toMatchObject({
      COLOUR: 'red',
      FLY_TEST_COMMAND: '1',
      FLY_TEST_MACHINE_IP: '10.1.2.3',
      FLY_PROCESS_GROUP: 'fly_app_test_machine_command',
      FLY_APP_NAME: 'hello',
      PRIMARY_REGION: 'fra',
    });
  });

  it('runs its command in the image and with the entrypoint of the group', () => {
    const processes = [{ name: 'app', command: ['serve'], entrypoint: ['/init'] }];
    const { container } = jobOf({ command: ['try', '-v'] }, { processes });
    expect(container).toMatchObject({ image: 'example.com/hello:1', command: ['/init'], args: ['try', '-v'] });
  });

  it('runs in an image of its own, with that of the entrypoint', () => {
    const processes = [{ name: 'app', entrypoint: ['/init'] }];
    const { container, env } = jobOf({ image: 'curl:1', command: ['-f', '/'] }, { processes });
    expect(container).toMatchObject({ image: 'curl:1', args: ['-f', '/'] });
    expect(container).not.toHaveProperty('command');
    expect(env.FLY_IMAGE_REF).toBe('curl:1');
  });

  it('takes words as they are', () => {
    const { container } = jobOf({ entrypoint: ['sh', '-c'], command: ['wget "$FLY_TEST_MACHINE_IP" && echo $(date)'] });
    expect(container.command).toEqual(['sh', '-c']);
    expect(container.args).toEqual(['wget "$$FLY_TEST_MACHINE_IP" && echo $$(date)']);
  });

  it('is stopped as it says', () => {
    const { pod } = jobOf({ command: ['try'], killSignal: 'SIGTERM', killTimeout: '30s' });
    expect(pod.spec?.terminationGracePeriodSeconds).toBe(30);
    expect(pod.spec?.containers[0]).not.toHaveProperty('lifecycle');
  });

  it('runs once, and is ended by Kubernetes where the operator does not', () => {
    expect(jobOf({ command: ['try'] }).job.spec).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 130 });
  });

  it('reaches the machine also where the way out of the App is closed', () => {
    const egressOf = (check: Check[]) => {
      const services = [{ internalPort: 8080, machineChecks: check }];
      return networkPolicy(anApp({ services, network: { egress: [] } }), settings).spec?.egress;
    };
    const own = { to: [{ podSelector: { matchLabels: { 'airfield.dev/app': 'hello' } } }] };
    expect(egressOf([{ command: ['try'] }])).toContainEqual(own);
    expect(egressOf([])).not.toContainEqual(own);
  });

  it('is no machine: it gets no traffic and is in no workload', () => {
    const labels = jobOf({ command: ['try'] }).pod.metadata?.labels;
    expect(labels).toMatchObject({ 'airfield.dev/role': 'machine-check', 'airfield.dev/network': 'default' });
    for (const name of ['slot', 'workload', 'process']) expect(labels).not.toHaveProperty(`airfield.dev/${name}`);
  });
});
