import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { configMaps, customResourceDefinitions, leases, services } from '../../../src/kube/resources.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { HandMade } from './hand-made.ts';

interface Finding {
  readonly result: string;
  readonly check: string;
  readonly message: string;
  readonly next?: string;
}
let server: ApiServer;
let acme: HandMade;

/** Of its own: it looks at the whole cluster. */
beforeAll(async () => {
  server = await startApiServer();
  acme = await HandMade.create(server.kubeconfig);
});
afterAll(async () => {
  acme.close();
  await server.stop();
});

const found = async (check: string, ...args: string[]): Promise<Finding | undefined> => {
  const { stdout } = await acme.airfield('doctor', '-o', 'json', ...args);
  return (JSON.parse(stdout) as Finding[]).find((finding) => finding.check === check);
};

describe('airfield doctor', () => {
  it('says of an empty cluster what is missing and what to do, and fails', async () => {
    const { code, stdout, stderr } = await acme.airfield('doctor');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(
      stdout.replace(/https:\S+/, 'SERVER').replace(/v1\.\d\d\.\d+\S*/, 'v1.NN'),
    ).toBe(`ok    API server     SERVER Kubernetes v1.NN
ok    kinds          apps, machines, secrets, schedules are those of this version
fail  operator       none is seen: neither its Deployment, nor a Lease airfield-operator that is renewed
                     next: helm install airfield charts/airfield -n airfield-system --create-namespace
warn  gates          there is none: nothing is stopped without work, and limits and handlers of services do not hold
                     next: helm upgrade … --set gate.enabled=true
ok    permissions    you may do everything in namespace acme
ok    names          no App in namespace acme yet
warn  volumes        no default StorageClass: Apps with mounts wait for ever, unless the mount names one
                     next: kubectl annotate storageclass NAME storageclass.kubernetes.io/is-default-class=true
warn  snapshots      no VolumeSnapshotClass: volumes have no snapshots
                     next: install a CSI driver with the snapshot controller and a class
warn  edge           neither an ingress controller nor the Gateway API: only gates can serve Apps to the outside
                     next: install the chart with \`--set edge.kind=gate\`, or an ingress controller
warn  NetworkPolicy  no network plugin is seen that enforces them: Apps may then be reached by everybody in the cluster
                     next: try it from a pod of another namespace, or install such a plugin
warn  metrics API    not there: \`kubectl top\` and HorizontalPodAutoscalers have no figures
                     next: install metrics-server

1 of 11 checks failed: begin with the first one.
`);
  });

  it('sees an operator that leads, and none where it is silent', async () => {
    const metadata = { name: 'airfield-operator', namespace: 'default' };
    const at = (renewTime: Date) => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata,
      spec: { holderIdentity: 'airfield-0', renewTime: renewTime.toISOString().replace('Z', '000Z') },
    });
    await client().create(leases, at(new Date()));
    expect(await found('operator')).toMatchObject({ result: 'ok', message: 'airfield-0 leads' });
    await client().mergePatch(leases, metadata, at(new Date(Date.now() - 3_600_000)));
    expect(await found('operator')).toMatchObject({ result: 'fail' });
  });

  it('sees that names do not resolve, and that they do, and those of groups and regions by CoreDNS', async () => {
    await acme.app('hello');
    expect(await found('names')).toMatchObject({ result: 'fail', message: expect.stringContaining('no Service') });
    const headless = (name: string) =>
      client().create(services, {
        metadata: { name, namespace: acme.namespace },
        spec: { clusterIP: 'None', ports: [] },
      } as never);
    await headless('internal');
    const { message, ...ok } = (await found('names')) ?? {};
    expect(ok).toEqual({ result: 'ok', check: 'names' });
    expect(message).not.toContain('<region>');
    await headless('internal--hello');
    expect(await found('names')).toMatchObject({ result: 'warn', message: expect.stringContaining('no ConfigMap') });
    const metadata = { name: 'coredns-custom', namespace: 'kube-system' };
    const data = { 'airfield.override': 'rewrite name regex … region-{1}.internal--{2}.{3}.svc.cluster.local' };
    await client().create(configMaps, { metadata, data } as never);
    expect(await found('names')).toMatchObject({ result: 'ok', message: expect.stringContaining('coredns-custom') });
  });

  it('sees that the kinds are older than this program', async () => {
    const name = 'apps.airfield.dev';
    type Crd = { spec: { versions: { schema: { openAPIV3Schema: Schema } }[] } };
    type Schema = { properties: { spec: { properties: Record<string, object> } } };
    const crd = await client().get<Crd & { metadata: { name: string } }>(customResourceDefinitions, { name });
    const before = structuredClone(crd.spec);
    delete crd.spec.versions[0]?.schema.openAPIV3Schema.properties.spec.properties.swap;
    await client().mergePatch(customResourceDefinitions, { name }, { spec: crd.spec });
    onTestFinished(async () => void (await client().mergePatch(customResourceDefinitions, { name }, { spec: before })));
    expect(await found('kinds')).toMatchObject({
      result: 'fail',
      message: 'apps.airfield.dev is older than this program: no spec.swap',
    });
  });

  it('says where there is no API server, and looks no further', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'airfield-doctor-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const config = parse(readFileSync(server.kubeconfig, 'utf8'));
    config.clusters[0].cluster.server = 'https://127.0.0.1:9';
    const path = join(folder, 'kubeconfig');
    writeFileSync(path, stringify(config), { mode: 0o600 });
    const { code, stdout } = await acme.airfield('doctor', '--kubeconfig', path);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^fail {2}API server {2}Unreachable: no connection to https:\/\/127\.0\.0\.1:9 \(ECONNREFUSED\)/,
    );
    expect(stdout).toContain('1 of 1 checks failed');
  });
});

const client = () => acme.client;
