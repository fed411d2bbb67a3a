import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MachineSpecInput } from '../../../src/api/machine.ts';
import { missingClaims } from '../../../src/desired/claims.ts';
import { machineChildren } from '../../../src/desired/machine.ts';
import { persistentVolumeClaims } from '../../../src/kube/resources.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { anApp, settings } from '../../desired/app-fixture.ts';
import { aMachine, launched, ofApp } from '../../desired/machine-fixture.ts';
import { Family } from './family.ts';

let family: Family;

beforeAll(async () => {
  family = await Family.create();
});
beforeEach(() => family.found());
afterAll(() => family?.client.close());

const machineOf = (spec: Partial<MachineSpecInput>) =>
  launched(aMachine(spec, { name: family.owner.metadata.name, namespace: family.namespace }));

function childrenOf(spec: Partial<MachineSpecInput>): KubeObject[] {
  const app = anApp();
  const of = ofApp(machineOf(spec), { ...app, metadata: { ...app.metadata, namespace: family.namespace } });
  const with_ = { ...settings, operatorNamespace: 'airfield' };
  return machineChildren(of, { pods: [], workloads: [] }, with_) as KubeObject[];
}

const mounts = [{ name: 'data', destination: '/data', storageClassName: 'x', fromSnapshot: 'before', size: '1500Mi' }];

/** Something of everything that a pod can have of a Machine. */
const everything: Partial<MachineSpecInput> = {
  image: 'x:1',
  exec: ['sh -c "exit 0"'],
  tty: true,
  env: { EMPTY: '', PRICE: '$(5)' },
  vm: { size: 'performance-1x' },
  mounts,
  files: [{ path: '/etc/app.conf', content: 'x' }],
  checks: [{ name: 'alive', type: 'tcp', port: 9000 }],
  metrics: [{ port: 9091 }],
  sidecars: [{ name: 'beside', image: 'x:1' }],
  init: [{ name: 'before', image: 'x:1' }],
  dns: { nameservers: ['1.1.1.1'], searches: ['acme'], options: [{ name: 'ndots', value: '1' }, { name: 'edns0' }] },
  metadata: { fly_process_group: 'worker' },
};

describe('what a Machine becomes', () => {
  it.each<[string, Partial<MachineSpecInput>]>([
    ['with nothing', {}],
    ['that is stopped', { state: 'stopped' }],
    ['that runs once', { restart: { policy: 'no' } }],
    ['that is tried again', { restart: { policy: 'onFailure', maxRetries: 0 } }],
    ['that serves', { services: [{ internalPort: 8080, ports: [{ port: 80 }], checks: [{ type: 'http' }] }] }],
    ['with everything, always', everything],
    ['with everything, once', { ...everything, restart: { policy: 'no' } }],
  ])('%s is written once', async (_, spec) => {
    const children = childrenOf(spec);
    await family.children.apply(family.owner, children, []);
    expect(family.takeWrites()).toEqual(children.map(({ kind }) => `apply ${kind}`));
    expect(await family.settle(children)).toEqual([]);
    await family.restarted().apply(family.owner, children, []);
    expect(family.takeWrites()).toEqual([]);
  });

  it('has claims that are accepted, and none twice', async () => {
    const machine = machineOf({ mounts });
    const [claim] = missingClaims(machine, []);
    const made = await family.client.create(persistentVolumeClaims, claim!);
    expect(missingClaims(machine, [made as never])).toEqual([]);
  });
});
