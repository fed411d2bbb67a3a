import type { Addressed } from '../../../src/kube/client.ts';
import { helloApp } from '../../e2e/apps.ts';

const perNamespace = 100;

export const namespaceOf = (index: number) => `bench-${Math.floor(index / perNamespace)}`;
export const namespacesOf = (count: number) =>
  Array.from({ length: Math.ceil(count / perNamespace) }, (_, index) => namespaceOf(index * perNamespace));

/** The first of all Apps: what the operator makes of it is what the floor makes of each. */
export const firstName = nameOf(0);
export const firstImage = imageOf(0);

/** Of the same length, so that all Apps are as large. */
export function nameOf(index: number): string {
  return `app-${`${index}`.padStart(5, '0')}`;
}

export function imageOf(edit: number): string {
  return `registry.example.com/hello:${`${edit}`.padStart(6, '0')}`;
}

/** An App with a service that is checked. */
export function benchApp(index: number, image = firstImage): Addressed {
  const app = helloApp(nameOf(index), { image, env: { LOG_LEVEL: 'info', REGION: 'local' } }) as Addressed;
  return { ...app, metadata: { ...app.metadata, namespace: namespaceOf(index) } };
}

/** Of an App, or of something whose name begins with that of an App. */
export const indexOf = (name: string) => Number(name.split('-')[1]);
