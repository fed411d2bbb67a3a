import type { ConfigMap } from '../api/kubernetes.ts';
import { label, manager } from '../api/meta.ts';
import type { Architecture } from './elf.ts';
import { stopProgram } from './stop-program.ts';

/** Name of the ConfigMap that every namespace with Apps has, and that its pods mount. */
export const stopConfigMapName = 'airfield-stop';

/** Holds the program that stops a machine under the key `stop`. To be mounted with `defaultMode: 0555`. */
export function stopConfigMap(namespace: string, architecture: Architecture): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: stopConfigMapName, namespace, labels: { [label.managedBy]: manager } },
    binaryData: { stop: Buffer.from(stopProgram(architecture)).toString('base64') },
  };
}
