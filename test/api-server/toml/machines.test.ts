import fc from 'fast-check';
import { beforeAll, expect, inject, it } from 'vitest';
import { crds } from '../../../src/api/crds.ts';
import { machines, schedules } from '../../../src/controller/resources.ts';
import { type Addressed, connect } from '../../../src/kube/client.ts';
import { customResourceDefinitions } from '../../../src/kube/resources.ts';
import { convert } from '../../../src/toml/convert.ts';
import { until } from '../../cluster/exec.ts';
import { anyMachine } from '../../toml/any-machine.ts';

const client = await connect({ kubeConfigPath: inject('kubeconfig') });

beforeAll(async () => {
  for (const crd of crds())
    await client.apply(customResourceDefinitions, crd as Addressed, { fieldManager: 'test', force: true });
  for (const kind of [machines, schedules]) await until('the CRDs to be served', () => client.list(kind, { limit: 1 }));
});

const flyToml = 'app = "hello"\nprimary_region = "iad"\n[build]\nimage = "x:1"\n';

it('whatever machines Fly lists, what they become is accepted', async () => {
  await fc.assert(
    fc.asyncProperty(anyMachine, async (machine) => {
      const text = JSON.stringify([machine]);
      const { resources, problems } = convert(flyToml, { machines: { file: 'machines.json', text } });
      expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
      for (const resource of resources ?? []) {
        const object = { ...resource, metadata: { ...resource.metadata, namespace: 'default' } };
        const kind = resource.kind === 'Machine' ? machines : schedules;
        await client.apply(kind, object, { fieldManager: 'test', dryRun: true });
      }
    }),
    { numRuns: 150 },
  );
});
