import { beforeAll, describe, expect, inject, it } from 'vitest';
import { machineCrd } from '../../../src/api/crds.ts';
import type { MachineSpecInput } from '../../../src/api/machine.ts';
import { apiVersion } from '../../../src/api/meta.ts';
import { machines } from '../../../src/controller/resources.ts';
import { type Addressed, connect } from '../../../src/kube/client.ts';
import { customResourceDefinitions } from '../../../src/kube/resources.ts';
import { until } from '../../cluster/exec.ts';

type Spec = Partial<MachineSpecInput> | object;

const client = await connect({ kubeConfigPath: inject('kubeconfig') });
const machine = (spec: Spec, name: string) => ({
  apiVersion,
  kind: 'Machine',
  metadata: { name, namespace: 'default' },
  spec: { app: 'hello', ...spec },
});

/** What the API server says to a Machine. */
function verdict(spec: Spec, name = 'one', dryRun = true): Promise<string> {
  return client.apply(machines, machine(spec, name), { fieldManager: 'test', dryRun }).then(
    () => 'accepted',
    (error: Error) => error.message.replaceAll('Invalid value: ', ''),
  );
}

/** What the API server says when one spec becomes the other. */
async function edit(name: string, before: Spec, after: Spec): Promise<string> {
  expect(await verdict(before, name, false)).toBe('accepted');
  return verdict(after, name);
}

const data = { name: 'data', destination: '/data' };
const service = { internalPort: 8080, ports: [{ port: 80 }] };

beforeAll(async () => {
  await client.apply(customResourceDefinitions, machineCrd() as Addressed, { fieldManager: 'test', force: true });
  await until('the CRD to be served', async () => (await verdict({})) === 'accepted');
});

describe('a Machine is accepted', () => {
  it.each<[string, Spec]>([
    ['with nothing but its App', {}],
    ['that runs once', { image: 'x:1', command: ['migrate'], restart: { policy: 'no' }, autoDestroy: true }],
    ['that serves', { services: [service], checks: [{ name: 'alive', type: 'tcp' }] }],
    ['with a resolver', { dns: { nameservers: ['1.1.1.1', '2606:4700::1'], searches: ['a.b.', 'c'] } }],
    ['with all that is not acted on', { swap: '1Gi', schedule: 'daily', standbyFor: ['x'], statics: [] }],
    ['in any state', { state: 'suspended', cordoned: true, metadata: { fly_process_group: 'worker', 'a b': 'c' } }],
  ])('%s', async (_, spec) => {
    expect(await verdict(spec)).toBe('accepted');
  });
});

describe('a Machine is refused with its field and what to write instead', () => {
  it.each<[string, Spec, RegExp]>([
    ['no App', { app: undefined }, /spec\.app: Required value/],
    ['another state', { state: 'running' }, /spec\.state: Unsupported value: "running": supported values: "started"/],
    ['another policy', { restart: { policy: 'on-failure' } }, /spec\.restart\.policy: Unsupported value/],
    [
      'retries of nothing',
      { restart: { policy: 'no', maxRetries: 3 } },
      /spec\.restart\.maxRetries: .*needs `restart\.policy: onFailure`/,
    ],
    ['retries without a policy', { restart: { maxRetries: 3 } }, /spec\.restart\.maxRetries: /],
    [
      'a service that may end',
      { services: [service], restart: { policy: 'no' } },
      /spec\.restart\.policy: .*write `restart\.policy: always`, or remove `services`/,
    ],
    ['exec beside a command', { exec: ['a'], command: ['b'] }, /spec\.exec: .*remove these, or `exec`/],
    ['a long time to stop', { killTimeout: '6m' }, /spec\.killTimeout: .*at most `5m`/],
    ['two volumes at one place', { mounts: [data, { ...data, name: 'other' }] }, /spec\.mounts: .*change one of them/],
    ['a check without a port', { checks: [{ name: 'alive', type: 'tcp' }] }, /spec\.checks: .*write the port to check/],
    ['a variable of Fly', { env: { FLY_REGION: 'x' } }, /spec\.env/],
    [
      'a process group that is no name',
      { metadata: { fly_process_group: 'My Group' } },
      /spec\.metadata: .*fly_process_group has at most 63/,
    ],
    ['a sidecar called as the program', { sidecars: [{ name: 'app', image: 'x:1' }] }, /spec\.sidecars: .*rename it/],
    [
      'an init container called as a group',
      { metadata: { fly_process_group: 'web' }, init: [{ name: 'web', image: 'x:1' }] },
      /spec\.init: .*rename it/,
    ],
    [
      'a nameserver that is no address',
      { dns: { nameservers: ['dns'] } },
      /spec\.dns\.nameservers\[0]: .*must be an address/,
    ],
    ['a search domain that is none', { dns: { searches: ['a b'] } }, /spec\.dns\.searches\[0]/],
    ['an image with a blank', { image: 'x y' }, /spec\.image/],
  ])('%s', async (_, spec, message) => {
    expect(await verdict(spec)).toMatch(message);
  });

  it('a name that is too long, or begins with a digit', async () => {
    expect(await verdict({}, 'a'.repeat(64))).toMatch(/the name of a Machine has at most 63/);
    expect(await verdict({}, '1a')).toMatch(/beginning with a letter/);
  });
});

describe('a Machine that there is', () => {
  it.each<[string, Spec, Spec, RegExp]>([
    ['stays with its app', {}, { app: 'other' }, /spec\.app: .*make another Machine/],
    [
      'stays in the region of its volumes',
      { mounts: [data], region: 'iad' },
      { mounts: [data], region: 'fra' },
      /spec\.region: /,
    ],
    ['keeps the size of its volumes', { mounts: [{ ...data, size: '2Gi' }] }, { mounts: [data] }, /cannot shrink/],
  ])('%s', async (what, before, after, message) => {
    expect(await edit(what.replaceAll(/\W/g, '-'), before, after)).toMatch(message);
  });

  it.each<[string, Spec, Spec]>([
    ['may change its region without volumes', { region: 'iad' }, { region: 'fra' }],
    ['may have larger volumes', { mounts: [data] }, { mounts: [{ ...data, size: '2Gi' }] }],
    ['may become one that ends', {}, { restart: { policy: 'no' } }],
  ])('%s', async (what, before, after) => {
    expect(await edit(what.replaceAll(/\W/g, '-'), before, after)).toBe('accepted');
  });
});
