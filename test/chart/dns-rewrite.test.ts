import { beforeAll, describe, expect, it } from 'vitest';
import { buildTimeoutMs, helm, refusal, render } from './helm.ts';

beforeAll(() => helm(['version']), buildTimeoutMs);

const configMap = async (...options: string[]) =>
  (await render('dns-rewrite', ...options)).find(({ metadata }) => metadata.namespace === 'kube-system');

/** What CoreDNS makes of a name by the rules, in their order; undefined where it leaves the name alone. */
async function rewritten(name: string, ...options: string[]): Promise<string | undefined> {
  const rules = Object.values((await configMap(...options))?.data ?? {}).join('\n');
  const names = [...rules.matchAll(/name regex (\S+) (\S+)/g)].map(([, from = '', to = '']) => ({ from, to }));
  expect(names).toHaveLength(2);
  // The names that it compares end with a dot, and what it answers with gets one.
  const found = names.find(({ from }) => new RegExp(from).test(`${name}.`));
  const parts = found && new RegExp(found.from).exec(`${name}.`);
  return parts ? found?.to.replace(/\{(\d)\}/g, (_, number) => parts[number] ?? '') : undefined;
}

const inAcme = (name: string) => `${name}.internal.acme.svc.cluster.local`;
const label = (length: number) => 'x'.repeat(length);

describe('the rewrite for CoreDNS', () => {
  it.concurrent.each([
    ['web.process.hello', 'process-web.internal--hello'],
    ['fra.hello', 'region-fra.internal--hello'],
    ['c--a.process.b', 'process-c--a.internal--b'],
    ['c.process.a--b', 'process-c.internal--a--b'],
    ['process.hello', 'region-process.internal--hello'],
  ])('leads %s.internal to %s', async (name, host) => {
    expect(await rewritten(inAcme(name))).toBe(`${host}.acme.svc.cluster.local`);
  });

  it.concurrent.each([
    inAcme('hello'),
    inAcme('a.web.process.hello'),
    inAcme('_http._tcp'),
    'web.process.hello.internal',
    'web.process.hello.internal.svc.cluster.local',
    'web.process.hello.internal.acme.svc.cluster.local.example.com',
    'web.process.hello.internal.acme.svc.clusterxlocal',
    'pod.service.internal.svc.cluster.local',
    inAcme(`${label(56)}.process.hello`),
    inAcme(`web.process.${label(54)}`),
    inAcme(`${label(57)}.hello`),
  ])('leaves %s alone', async (name) => {
    expect(await rewritten(name)).toBeUndefined();
  });

  it('is for the domain of the cluster', async () => {
    const name = 'web.process.hello.internal.acme.svc.example.internal';
    const options = ['--set', 'clusterDomain=example.internal'];
    expect(await rewritten(name, ...options)).toBe('process-web.internal--hello.acme.svc.example.internal');
    expect(await rewritten(inAcme('web.process.hello'), ...options)).toBeUndefined();
  });

  it('is in the ConfigMap that is named', async () => {
    const at = 'dns.rewrite.configMap';
    const options = ['--set', `${at}.name=custom,${at}.key=names.override`];
    const made = await configMap(...options);
    expect(made?.metadata.name).toBe('custom');
    expect(Object.keys(made?.data ?? {})).toEqual(['names.override']);
  });

  it('is nowhere without being asked for, and the operator makes no names then', async () => {
    const told = async (name: string, ...options: string[]) =>
      JSON.stringify(await render(name, ...options)).match(/AIRFIELD_DNS_REWRITE|rewrite stop/g) ?? [];
    expect(await told('defaults')).toEqual([]);
    expect(await told('defaults', '--set', 'dns.rewrite.enabled=true')).toEqual(['AIRFIELD_DNS_REWRITE']);
    expect((await told('dns-rewrite')).length).toBeGreaterThan(1);
  });

  it('is not made for an operator that makes no names', async () => {
    const said = await refusal('--set', 'dns.rewrite.configMap.create=true');
    expect(said).toContain('dns.rewrite.configMap.create: needs dns.rewrite.enabled');
  });
});
