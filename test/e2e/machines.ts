import type { Namespace } from './kubectl.ts';

export interface TestMachine {
  readonly name: string;
  /** VERSION in its environment. */
  readonly version: string | undefined;
  readonly ready: boolean;
}

interface Pod {
  metadata: { name: string; ownerReferences?: { kind: string }[] };
  spec: { containers: { env?: { name: string; value?: string }[] }[] };
  status: { conditions?: { type: string; status: string }[] };
}

/** The machines of an App, also those that are on their way out, without the runs of its commands. */
export async function machinesOf(namespace: Namespace, app: string): Promise<TestMachine[]> {
  const pods = await namespace.list<Pod>('pods', `airfield.dev/app=${app}`);
  return pods
    .filter(({ metadata }) => !metadata.ownerReferences?.some(({ kind }) => kind === 'Job'))
    .map(({ metadata, spec, status }) => ({
      name: metadata.name,
      version: spec.containers[0]?.env?.find(({ name }) => name === 'VERSION')?.value,
      ready: status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false,
    }));
}
