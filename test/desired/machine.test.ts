import { describe, expect, it } from 'vitest';
import type { AnyChild, Deployment, Job, ObservedWorkload, PodSpec } from '../../src/api/kubernetes.ts';
import type { Machine, MachineSpecInput } from '../../src/api/machine.ts';
import { type MachinePresent, machineChildren } from '../../src/desired/machine.ts';
import { settings } from './app-fixture.ts';
import { aMachine, aPod, launched, ofApp, running, withStatus } from './machine-fixture.ts';

const nothing: MachinePresent = { pods: [], workloads: [] };

const childrenOf = (machine: Machine, present: Partial<MachinePresent> = {}, with_ = settings): AnyChild[] =>
  machineChildren(ofApp(machine), { ...nothing, ...present }, with_);
const made = (spec: Partial<MachineSpecInput> = {}) => launched(aMachine(spec));
const kinds = (machine: Machine, present: Partial<MachinePresent> = {}) =>
  childrenOf(machine, present).map(({ kind }) => kind);

function podOf(machine: Machine): PodSpec {
  const child = childrenOf(machine).find(
    (one): one is Deployment | Job => one.kind === 'Deployment' || one.kind === 'Job',
  );
  return child?.spec?.template?.spec as PodSpec;
}

describe('what runs a Machine', () => {
  it('is a Deployment of one, where its program always runs', () => {
    const [deployment] = childrenOf(made()) as Deployment[];
    expect(deployment?.spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
    const [stopped] = childrenOf(made({ state: 'stopped' })) as Deployment[];
    expect(stopped?.spec?.replicas).toBe(0);
  });

  it.each([
    [{ policy: 'no' }, 0, 'Failed'],
    [{ policy: 'onFailure' }, 10, 'TerminatingOrFailed'],
    [{ policy: 'onFailure', maxRetries: 2 }, 2, 'TerminatingOrFailed'],
  ] as const)('is a Job with %o', (restart, backoffLimit, podReplacementPolicy) => {
    const [job] = childrenOf(made({ restart })) as Job[];
    expect(job?.spec).toMatchObject({
      backoffLimit,
      podReplacementPolicy,
      template: { spec: { restartPolicy: 'Never' } },
    });
    expect(kinds(made({ restart, state: 'stopped' }))).toEqual([]);
  });

  it('has a name that no App and no other run has', () => {
    const nameOf = (machine: Machine) => childrenOf(machine).at(-1)?.metadata.name;
    const once = made({ restart: { policy: 'no' } });
    const next = withStatus(once, { run: { ...once.status.run!, number: 2 } });
    const names = [nameOf(made()), nameOf(once), nameOf(next)];
    expect(new Set(names).size).toBe(3);
    expect(names.every((name) => /^one-[0-9a-f]{8}$/.test(name ?? ''))).toBe(true);
  });

  it('does not begin beside what ran before', () => {
    const before = made({ restart: { policy: 'no' } });
    const next = withStatus(before, { run: { ...before.status.run!, number: 2 } });
    const [old] = childrenOf(before) as unknown as ObservedWorkload[];
    expect(kinds(next, { workloads: [old!] })).toEqual([]);
    expect(kinds(next, { pods: [aPod(before, running())] })).toEqual([]);
    expect(kinds(next, { pods: [aPod(before, running(), { phase: 'Succeeded' })] })).toEqual(['Job']);
  });

  it('is not made anew when its program has ended, and stays where it is there', () => {
    const machine = made({ restart: { policy: 'no' } });
    const ended = withStatus(machine, { run: { ...machine.status.run!, ended: true } });
    const [job] = childrenOf(machine) as unknown as ObservedWorkload[];
    expect(kinds(ended)).toEqual([]);
    expect(kinds(ended, { workloads: [job!] })).toEqual(['Job']);
  });

  it('keeps the labels that its Job has begun with, for these name its secrets', () => {
    const machine = made({ restart: { policy: 'no' } });
    const [job] = childrenOf(machine) as unknown as ObservedWorkload[];
    const begun = { ...job!, metadata: { ...job!.metadata, labels: { 'airfield.dev/secrets': 'before' } } };
    expect(childrenOf(machine, { workloads: [begun] })[0]?.metadata.labels).toEqual({
      'airfield.dev/secrets': 'before',
    });
  });
});

describe('the pod of a Machine', () => {
  const labelsOf = (machine: Machine) => (childrenOf(machine).at(-1) as Deployment).spec?.template.metadata?.labels;

  it('knows the id and the version, and is in no slot of its App', () => {
    const machine = made();
    const { id, version } = machine.status;
    const env = Object.fromEntries(podOf(machine).containers[0]?.env?.map(({ name, value }) => [name, value]) ?? []);
    expect(env).toMatchObject({
      FLY_MACHINE_ID: id,
      FLY_ALLOC_ID: id,
      FLY_MACHINE_VERSION: version,
      FLY_APP_NAME: 'hello',
    });
    expect(labelsOf(machine)).toMatchObject({
      'airfield.dev/app': 'hello',
      'airfield.dev/machine': 'one',
      'airfield.dev/network': 'default',
      'airfield.dev/run': '1',
      'airfield.dev/version': version,
    });
    expect(labelsOf(machine)).not.toHaveProperty('airfield.dev/slot');
    expect(labelsOf(machine)).not.toHaveProperty('airfield.dev/release');
  });

  it.each<[string, Partial<MachineSpecInput>, object]>([
    ['exec in the place of all that the image runs', { exec: ['sh -c "exit 0"'] }, { command: ['sh', '-c', 'exit 0'] }],
    ['a terminal', { tty: true }, { tty: true }],
    ['its process group', { metadata: { fly_process_group: 'worker' } }, { name: 'worker' }],
    ['its own image', { image: 'own:1' }, { image: 'own:1' }],
    ["the App's image", {}, { image: 'example.com/hello:1' }],
  ])('has %s', (_, spec, container) => {
    expect(podOf(made(spec)).containers[0]).toMatchObject(container);
  });

  it('is found by the name of its App, unless it is not to be', () => {
    expect(podOf(made())).toMatchObject({ hostname: 'hello', subdomain: 'internal' });
    expect(podOf(made({ dns: { skipRegistration: true } }))).not.toHaveProperty('subdomain');
  });

  it('asks the name servers that it is given', () => {
    const dns = {
      nameservers: ['1.1.1.1'],
      searches: ['acme.internal'],
      options: [{ name: 'ndots', value: '1' }, { name: 'edns0' }],
    };
    expect(podOf(made({ dns }))).toMatchObject({ dnsPolicy: 'None', dnsConfig: dns });
    expect(podOf(made())).not.toHaveProperty('dnsPolicy');
  });

  it('has its claims by name, the same for the next Machine of that name', () => {
    const spec = { mounts: [{ name: 'data', destination: '/data' }] };
    const { volumes, containers } = podOf(made(spec));
    expect(containers[0]?.volumeMounts).toContainEqual({ name: 'data', mountPath: '/data' });
    const claim = volumes?.find(({ name }) => name === 'data')?.persistentVolumeClaim?.claimName;
    expect(claim).toMatch(/^one-volume-data-[0-9a-f]{8}$/);
    expect(podOf(launched(aMachine(spec, { uid: 'other' }))).volumes).toEqual(volumes);
  });
});

it('the operator is let in where it asks the checks of a Machine', () => {
  const machine = made({ checks: [{ name: 'alive', type: 'tcp', port: 9000 }] });
  expect(kinds(machine)).toEqual(['Deployment']);
  const [policy] = childrenOf(machine, {}, { ...settings, operatorNamespace: 'airfield' });
  expect(policy).toMatchObject({
    kind: 'NetworkPolicy',
    spec: { podSelector: { matchLabels: { 'airfield.dev/machine': 'one' } }, ingress: [{ ports: [{ port: 9000 }] }] },
  });
});

it('files are in a ConfigMap that is its own', () => {
  const [files] = childrenOf(made({ files: [{ path: '/etc/app.conf', content: 'x' }] }));
  expect(files).toMatchObject({ kind: 'ConfigMap', metadata: { labels: { 'airfield.dev/machine': 'one' } } });
});
