import { describe, expect, it } from 'vitest';
import { gates, readyPod, trafficOf } from './gated-app.ts';

type Services = Parameters<typeof trafficOf>[0];

const web: Services[number] = { internalPort: 8080, autoStop: 'stop', ports: [{ port: 80, handlers: ['http'] }] };
const limited: Services[number] = { ...web, concurrency: { hardLimit: 5 } };
const machine = readyPod('hello-1', '10.0.9.1', { 'airfield.dev/slot': 'blue', 'airfield.dev/process': 'app' });
const broken = { ...machine, status: { podIP: '10.0.9.2', conditions: [] } };

function slicesOf(services: Services, observed: object = {}) {
  const { slices } = trafficOf(services, observed);
  return slices.map(({ metadata, ports, endpoints }) => ({
    name: metadata.name,
    service: metadata.labels['kubernetes.io/service-name'],
    ports: ports?.map(({ name, port }) => `${name} ${port}`),
    to: endpoints?.flatMap(({ addresses }) => addresses),
  }));
}

describe('the slice of a gated App', () => {
  it('leads each port to its port of all gates', () => {
    expect(slicesOf([web])).toEqual([
      { name: 'hello-gate', service: 'hello', ports: ['tcp-80 20001'], to: ['10.0.0.1', '10.0.0.2'] },
    ]);
  });

  it('leads to one gate where there is a hardLimit, and to the same one as long as it is ready', () => {
    const [first] = slicesOf([limited]);
    expect(first?.to).toHaveLength(1);
    for (const owner of ['gate-a', 'gate-b']) {
      const address = owner === 'gate-a' ? '10.0.0.1' : '10.0.0.2';
      expect(slicesOf([limited], { owner })[0]?.to).toEqual([address]);
      const others = gates.filter(({ metadata }) => metadata.name !== owner);
      expect(slicesOf([limited], { owner, gates: others })[0]?.to).not.toEqual([address]);
    }
  });

  it('leads to machines that are ready while no gate is', () => {
    expect(slicesOf([web], { gates: [], pods: [machine, broken] })).toEqual([
      { name: expect.stringMatching(/^hello-gate-80-/), service: 'hello', ports: ['tcp-80 8080'], to: ['10.0.9.1'] },
    ]);
  });

  it('is not there where nothing could be in it, nor for direct services', () => {
    expect(slicesOf([web], { gates: [], pods: [broken] })).toEqual([]);
    expect(slicesOf([{ internalPort: 8080, ports: [{ port: 80 }] }])).toEqual([]);
  });
});

describe('the NetworkPolicy of an App', () => {
  it('lets the gates in, to the ports that are served', () => {
    const policy = trafficOf([web]).children.find(({ kind }) => kind === 'NetworkPolicy');
    expect(JSON.stringify(policy)).toContain('"app.kubernetes.io/component":"gate"');
    expect(policy).toMatchObject({
      spec: {
        ingress: [
          {},
          {
            from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'airfield' } } }],
            ports: [{ port: 8080, protocol: 'TCP' }],
          },
        ],
      },
    });
  });
});
