import type { AppSpecInput } from '../../../src/api/app.ts';
import { apiVersion } from '../../../src/api/meta.ts';
import { apps, ownResourceOf } from '../../../src/controller/resources.ts';
import type { Client } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/kube/types.ts';

type Written = KubeObject & { readonly spec: object };

const service = { internalPort: 8080, ports: [{ port: 80, handlers: ['http' as const] }] };
const specs: Readonly<Record<string, Partial<AppSpecInput>>> = {
  web: { services: [service], deploy: { releaseCommand: ['migrate'] } },
  workers: {
    processes: [
      { name: 'app', count: 2 },
      { name: 'worker', command: ['work'] },
    ],
  },
  data: { mounts: [{ name: 'data', destination: '/data', size: '1Gi' }] },
  gated: { services: [{ ...service, autoStop: 'stop' }] },
  once: { restart: { policy: 'no' } },
};
export const appNames = Object.keys(specs);

const object = (namespace: string, kind: string, name: string, spec: object): Written => ({
  apiVersion,
  kind,
  metadata: { namespace, name },
  spec,
});

/** Something of everything that people write. */
export function workload(namespace: string): Written[] {
  const generated = { apps: ['web'], data: { PASSWORD: { generate: {} }, PLAIN: { value: 'x' } } };
  return [
    ...Object.entries(specs).map(([name, spec]) => object(namespace, 'App', name, { image: 'x:1', ...spec })),
    object(namespace, 'Secret', 'keys', generated),
    object(namespace, 'Machine', 'beside', { app: 'workers', restart: { policy: 'always' } }),
    object(namespace, 'Schedule', 'nightly', { app: 'web', schedule: '0 3 * * *', command: ['clean'] }),
  ];
}

export const write = (client: Client, one: Written): Promise<unknown> =>
  client.apply(ownResourceOf(one), one, { fieldManager: 'people', force: true });

/** What people do all day: a new image, another number of machines, a variable; of an App that `random` chooses. */
export async function edit(client: Client, namespace: string, random: () => number): Promise<void> {
  const name = appNames[Math.floor(random() * appNames.length)] ?? '';
  const number = Math.floor(random() * 1e6);
  const edits: object[] = [{ image: `x:${number}` }, { env: { NUMBER: `${number}` } }, { count: (number % 3) + 1 }];
  const spec = edits[Math.floor(random() * (name === 'workers' ? 2 : 3))];
  await client.mergePatch(apps, { namespace, name }, { spec });
}

/** The same, and now and then all else that people do: Apps that come and go, values of a Secret, a Machine, a Schedule. */
export async function mixedEdit(client: Client, namespace: string, random: () => number): Promise<unknown> {
  const [what, number] = [random(), Math.floor(random() * 1e6)];
  const passing = object(namespace, 'App', `passing-${number % 10}`, { image: `x:${number}` });
  if (what < 0.1) return write(client, passing);
  if (what < 0.15) return client.delete(apps, passing.metadata);
  if (what < 0.2) {
    const data = { PASSWORD: { generate: {} }, PLAIN: { value: `${number}` } };
    return write(client, object(namespace, 'Secret', 'keys', { apps: ['web'], data }));
  }
  const env = { NUMBER: `${number}` };
  if (what < 0.25)
    return write(
      client,
      object(namespace, 'Machine', 'beside', { app: 'workers', restart: { policy: 'always' }, env }),
    );
  if (what < 0.3) {
    const schedule = `${number % 60} 3 * * *`;
    return write(client, object(namespace, 'Schedule', 'nightly', { app: 'web', schedule, command: ['clean'] }));
  }
  return edit(client, namespace, random);
}
