import type { TestProject } from 'vitest/node';
import { startApiServer } from '../cluster/api-server.ts';
import { onStderr } from '../cluster/progress.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Kubeconfig of the administrator, for `inject('kubeconfig')`. Each test file uses namespaces of its own. */
    kubeconfig: string;
    /** Kubernetes' audit log, one JSON object per request; empty where the cluster keeps none. */
    auditLog: string;
  }
}

/** A fresh API server for all files of the project `api`. Fails, never skips, where it cannot come up. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startApiServer({ auditLog: true, progress: onStderr });
  project.provide('kubeconfig', server.kubeconfig);
  project.provide('auditLog', server.auditLogPath ?? '');
  return () => server.stop();
}
