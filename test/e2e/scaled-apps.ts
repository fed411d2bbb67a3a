import type { AppStatus } from '../../src/api/app-status.ts';
import { type Namespace, until } from './kubectl.ts';

/** How many machines the Deployment of an App is to have now. */
export async function replicas(namespace: Namespace, name: string): Promise<number> {
  return (await namespace.get<{ spec: { replicas: number } }>('deployment', `${name}-app`)).spec.replicas;
}

/** Waits until so many machines run, and the App says so. */
export async function runs(namespace: Namespace, name: string, machines: number): Promise<void> {
  await until(`${name} to run ${machines} machines`, async () => {
    const { status } = await namespace.get<{ status: AppStatus }>('app', name);
    return status.machines === `${machines}/${machines}` && (await replicas(namespace, name)) === machines;
  });
}

/** Waits until the first release is out, and no machine runs any more, as nobody asks for anything. */
export async function sleeps(namespace: Namespace, name: string): Promise<void> {
  await namespace.waitReady(name);
  await runs(namespace, name, 0);
}
