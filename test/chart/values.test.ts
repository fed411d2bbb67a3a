import { beforeAll, describe, expect, it } from 'vitest';
import { buildTimeoutMs, chart, helm, pathOfValues, refusal, valuesFiles } from './helm.ts';

beforeAll(() => helm(['version']), buildTimeoutMs);

describe('values that somebody wants', () => {
  it.concurrent.each(valuesFiles)('are taken without a complaint: %s', async (name) => {
    const said = await helm(['lint', chart, '--strict', '--values', pathOfValues(name)]);
    expect(said).toContain('0 chart(s) failed');
  });
});

describe('a value that is wrong', () => {
  it.concurrent.each([
    ['operator.replicas=two', "at '/operator/replicas': got string, want integer"],
    ['operator.replica=3', "at '/operator': additional properties 'replica' not allowed"],
    ['operatr.replicas=3', "additional properties 'operatr' not allowed"],
    ['edge.kind=nginx', "at '/edge/kind': value must be one of 'none', 'gate', 'ingress', 'gateway'"],
    ['gate.drain=5m', "at '/gate/drain': '5m' does not match pattern"],
    ['gate.ports=20000', "at '/gate/ports': got number, want string"],
    ['operator.stopAfter=soon', "at '/operator/stopAfter': 'soon' does not match"],
    ['image.repository=example.com/airfield:1', "at '/image/repository': 'example.com/airfield:1' does not match"],
    ['operator.env.FOO=bar', "'FOO' does not match pattern"],
    ['gate.trustedNetworks={10.0.0.1}', "at '/gate/trustedNetworks/0': '10.0.0.1' does not match"],
    ['operator.regions.iad=us-east-1', "at '/operator/regions/iad': got string, want array"],
    ['dns.rewrite.configMap.name=Custom', "at '/dns/rewrite/configMap/name': 'Custom' does not match pattern"],
    ['dns.rewrites=true', "at '/dns': additional properties 'rewrites' not allowed"],
    ['crds.keep=yes-please', "at '/crds/keep': got string, want boolean"],
  ])('is named: %s', async (value, message) => {
    expect(await refusal('--set', value)).toContain(message);
  });

  it.concurrent.each([
    ['edge.kind=gate,gate.enabled=false', 'edge.kind: gate needs gates'],
    ['edge.kind=gateway', 'edge.kind: gateway needs a Gateway'],
    ['edge.gateway.name=public', 'edge.gateway: needs edge.kind gateway'],
    ['edge.ingressClass=nginx', 'edge.ingressClass: needs edge.kind ingress'],
    ['edge.baseDomain=apps.example.com', 'edge.baseDomain: needs an edge'],
    ['watchNamespace=acme,edge.certificates.namespace=acme', 'edge.certificates.namespace: gates may read all Secrets'],
  ])('is told by what it goes with: %s', async (values, message) => {
    expect(await refusal('--set', values)).toContain(message);
  });
});

it('a Kubernetes that is too old is refused', async () => {
  expect(await refusal('--kube-version', '1.32.9')).toContain('requires kubeVersion: >= 1.33.0-0');
});
