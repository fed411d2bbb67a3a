import { describe, expect, it } from 'vitest';
import { routeSchema } from '../../src/api/route.ts';
import { type Scaler, scaleUp } from '../../src/gate/scale-up.ts';

const fields = { namespace: 'acme', app: 'web', listenPort: 20_000, port: 80, internalPort: 8080, mode: 'http' };
const routeOf = (...names: string[]) =>
  routeSchema.parse({ ...fields, wake: names.map((name) => ({ kind: 'Deployment', name })) });

/** Scales by name; what is patched is written down. */
function scaler(scales: Record<string, number | Error>, app = 'web'): { patches: unknown[]; client: Scaler } {
  const patches: unknown[] = [];
  const get = async (_: unknown, { name }: { name: string }) => {
    const replicas = scales[name] ?? 0;
    if (replicas instanceof Error) throw replicas;
    const selector = `airfield.dev/app=${app},airfield.dev/workload=${name}`;
    return { metadata: { resourceVersion: '7' }, spec: replicas ? { replicas } : {}, status: { selector } };
  };
  const mergePatch = async (
    ...[resource, ref, patch, { subresource, fieldManager }]: [
      { kind: string },
      { name: string },
      object,
      { subresource?: string; fieldManager?: string },
    ]
  ) => patches.push([`${resource.kind} ${ref.name}/${subresource} by ${fieldManager}`, patch]);
  return { patches, client: { get, mergePatch } as unknown as Scaler };
}

const raised = (name: string) => [
  `Deployment ${name}/scale by airfield-gate`,
  { metadata: { resourceVersion: '7' }, spec: { replicas: 1 } },
];
const away = new Error('away');

describe('starting a machine', () => {
  it.each([
    ['the only workload', ['a'], {}, false, 'started', ['a']],
    ['the first of several', ['a', 'b'], {}, false, 'started', ['a']],
    ['none where one is on its way', ['a', 'b'], { b: 1 }, false, 'coming', []],
    ['another one where those that run may be stopped', ['a', 'b'], { a: 2 }, true, 'started', ['b']],
    ['none before it is known whether the last one is stopped', ['a'], { a: 1 }, true, 'later', []],
    ['the next one where one cannot be read', ['a', 'b'], { a: away }, false, 'started', ['b']],
  ] as const)('raises %s', async (_, names, scales, mayStay, outcome, patched) => {
    const { client, patches } = scaler(scales);
    expect(await scaleUp(client, routeOf(...names), mayStay)).toBe(outcome);
    expect(patches).toEqual(patched.map(raised));
  });

  it('fails where there is nothing to start', async () => {
    const { client } = scaler({ a: away });
    await expect(scaleUp(client, routeOf('a'), false)).rejects.toThrow('away');
    await expect(scaleUp(client, routeOf(), false)).rejects.toThrow('its route names no workload to start');
  });

  it('fails where the workload is of another App, also one whose name begins alike', async () => {
    const { client, patches } = scaler({}, 'web2');
    await expect(scaleUp(client, routeOf('a'), false)).rejects.toThrow(/^Deployment a is not of App web: its selector/);
    expect(patches).toEqual([]);
  });
});
