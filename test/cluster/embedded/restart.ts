import { untilReady } from '../api-server.ts';
import { ensureBinaries } from '../binaries.ts';
import { isAlive, startTimeOf, stopDaemon } from '../daemon.ts';
import { until } from '../exec.ts';
import { apiServer, pathsOf } from './components.ts';
import { attach, childrenOf, startInside } from './machine.ts';
import { planNodes } from './plan.ts';
import { readState, writeState } from './state.ts';

/** Where an embedded cluster's API server writes one JSON object per request. */
export const auditLogPath = (name: string): string => pathsOf(name).auditLog;

/** Kills an embedded cluster's API server with SIGKILL, starts it again and waits until it is ready. */
export async function restartApiServer(name: string): Promise<void> {
  const state = await readState(name);
  const before = state?.daemons.find((daemon) => daemon.name.endsWith('/kube-apiserver'));
  const [plan] = planNodes(name, 1);
  const machine = await attach(plan);
  if (!state || !before || !machine) throw new Error(`cluster ${name} is not an embedded one that runs`);
  // The daemon is nsenter, which waits for the API server and ends with it.
  for (const pid of await childrenOf(before.pid)) {
    await stopDaemon({ name: 'kube-apiserver', pid, startTime: (await startTimeOf(pid)) ?? '' }, 'SIGKILL');
  }
  await until('nsenter to end', async () => !(await isAlive(before)), 10_000, 20);
  const programs = await ensureBinaries(['kube-apiserver']);
  const { child: _, ...started } = await startInside(
    machine,
    'kube-apiserver',
    apiServer(programs, pathsOf(name), plan),
  );
  const after = { ...started, name: before.name };
  await writeState(name, { ...state, daemons: state.daemons.map((daemon) => (daemon === before ? after : daemon)) });
  await untilReady(`https://localhost:${state.port}`, after, pathsOf(name).pki);
}
