import { describe, expect, it } from 'vitest';
import { GatePortTable, gatePortsIn } from '../../src/controller/gate-ports.ts';
import { Store } from '../../src/kube/store.ts';

const range = { first: 20_000, last: 20_003 };
type Service = Parameters<typeof gatePortsIn>[0];

const aService = (name: string, targetPort: string, creationTimestamp = '2026-01-01T00:00:00Z'): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'acme', creationTimestamp },
  spec: { ports: [{ name: 'tcp-80', port: 80, targetPort }] },
});

function table(...services: Service[]) {
  const store = new Store<Service>({ indexes: { gatePort: gatePortsIn } });
  for (const service of services) store.set(service);
  return { store, ports: new GatePortTable(store, range) };
}

describe('ports of the gates', () => {
  it('are different for all ports of all Services, also before these are in the cache', () => {
    const { ports } = table();
    const given = ['acme/a', 'acme/b'].flatMap((key) => [...ports.portsFor(key, ['tcp-80', 'tcp-443']).values()]);
    expect(given.sort()).toEqual([20_000, 20_001, 20_002, 20_003]);
  });

  it('stay as they are in the Service, whoever asks first', () => {
    const { ports } = table(aService('a', 'gate-20002'));
    const b = ports.portsFor('acme/b', ['tcp-80', 'tcp-81', 'tcp-82']);
    expect([...b.values()]).not.toContain(20_002);
    expect(ports.portsFor('acme/a', ['tcp-80'])).toEqual(new Map([['tcp-80', 20_002]]));
  });

  it('stay as they were given while the Service is not there yet', () => {
    const { ports } = table();
    expect(ports.portsFor('acme/a', ['tcp-80'])).toEqual(ports.portsFor('acme/a', ['tcp-80']));
  });

  it('of two Services with the same one stay with the older', () => {
    const older = aService('older', 'gate-20001');
    const { ports } = table(aService('newer', 'gate-20001', '2026-02-01T00:00:00Z'), older);
    expect(ports.portsFor('acme/newer', ['tcp-80']).get('tcp-80')).not.toBe(20_001);
    expect(ports.portsFor('acme/older', ['tcp-80']).get('tcp-80')).toBe(20_001);
  });

  it('are given anew where they are not of the gates any more', () => {
    const { ports } = table(aService('a', 'gate-30000'));
    expect(ports.portsFor('acme/a', ['tcp-80']).get('tcp-80')).toBeLessThanOrEqual(20_003);
  });

  it('are free again when an App is forgotten, and told to be too few in words', () => {
    const { ports } = table();
    const names = ['a', 'b', 'c', 'd'];
    ports.portsFor('acme/all', names);
    expect(() => ports.portsFor('acme/more', ['a'])).toThrow(/all ports of the gates from 20000 to 20003 are taken/);
    ports.forget('acme/all');
    expect(ports.portsFor('acme/more', names).size).toBe(4);
  });
});
