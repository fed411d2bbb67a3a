import type { AnyChild } from '../api/kubernetes.ts';
import { namespaceServices } from './internal.ts';
import type { Settings } from './settings.ts';
import { stopConfigMap } from './stop-config-map.ts';

/** What the Apps of a namespace share: the Services of their names, and the program that stops machines. */
export function namespaceChildren(namespace: string, { stopHook }: Pick<Settings, 'stopHook'>): AnyChild[] {
  const isProgram = stopHook === 'amd64' || stopHook === 'arm64';
  return [...namespaceServices(namespace), ...(isProgram ? [stopConfigMap(namespace, stopHook)] : [])];
}
