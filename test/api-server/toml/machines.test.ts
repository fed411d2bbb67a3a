import fc from 'fast-check';
import { beforeAll, expect, inject, it } from 'vitest';
import { machines, schedules } from '../../../src/controller/resources.ts';
import { connect } from '../../../src/kube/client.ts';
import { convert } from '../../../src/toml/convert.ts';
import { anyMachine } from '../../toml/any-machine.ts';
import { serveOwnKinds } from '../own-kinds.ts';

const client = await connect({ kubeConfigPath: inject('kubeconfig') });

beforeAll(async () => {
  await serveOwnKinds(client);
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
