import type { TestProject } from 'vitest/node';
import { startApiServer } from '../cluster/api-server.ts';
import { onStderr } from '../cluster/progress.ts';
import '../cluster/provided.ts';

/** A fresh API server for all files of the project `api`. Fails, never skips, where it cannot come up. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startApiServer({ auditLog: true, progress: onStderr });
  project.provide('kubeconfig', server.kubeconfig);
  project.provide('auditLog', server.auditLogPath ?? '');
  return () => server.stop();
}
