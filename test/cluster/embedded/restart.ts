import { untilReady } from '../api-server.ts';
import { ensureBinaries } from '../binaries.ts';
import { type Daemon, isAlive, startTimeOf, stopDaemon } from '../daemon.ts';
import { until } from '../exec.ts';
import { apiServer, kubelet, pathsOf } from './components.ts';
import { attach, childrenOf, startInside } from './machine.ts';
import { type NodePlan, planNodes } from './plan.ts';
import { readState, writeState } from './state.ts';

/** Where an embedded cluster's API server writes one JSON object per request. */
export const auditLogPath = (name: string): string => pathsOf(name).auditLog;

/** Kills an embedded cluster's API server with SIGKILL, starts it again and waits until it is ready. */
export async function restartApiServer(name: string): Promise<void> {
  const [plan] = planNodes(name, 1);
  await kill(name, plan, 'kube-apiserver');
  const programs = await ensureBinaries(['kube-apiserver']);
  const after = await start(name, plan, 'kube-apiserver', apiServer(programs, pathsOf(name), plan));
  const state = await readState(name);
  await untilReady(`https://localhost:${state?.port}`, after, pathsOf(name).pki);
}

/** Kills the kubelet of the second node with SIGKILL: the cluster hears nothing of the node, whose containers run on. */
export async function killSecondKubelet(name: string): Promise<void> {
  await kill(name, secondNode(name), 'kubelet');
}

/** Starts the kubelet of the second node again, if it does not run. */
export async function startSecondKubelet(name: string): Promise<void> {
  const plan = secondNode(name);
  const daemon = (await readState(name))?.daemons.find((one) => one.name === `${plan.name}/kubelet`);
  if (daemon && (await isAlive(daemon))) return;
  await start(name, plan, 'kubelet', kubelet(await ensureBinaries(['kubelet']), plan));
}

function secondNode(name: string): NodePlan {
  const [, second] = planNodes(name, 2);
  if (!second) throw new Error(`cluster ${name} has no second node`);
  return second;
}

async function kill(name: string, plan: NodePlan, component: string): Promise<void> {
  const daemon = (await readState(name))?.daemons.find((one) => one.name === `${plan.name}/${component}`);
  if (!daemon) throw new Error(`cluster ${name} is not an embedded one that runs`);
  // The daemon is nsenter, which waits for the component and ends with it.
  for (const pid of await childrenOf(daemon.pid)) {
    await stopDaemon({ name: component, pid, startTime: (await startTimeOf(pid)) ?? '' }, 'SIGKILL');
  }
  await until('nsenter to end', async () => !(await isAlive(daemon)), 10_000, 20);
}

/** In the place of the one that was killed. */
async function start(name: string, plan: NodePlan, component: string, argv: readonly string[]): Promise<Daemon> {
  const machine = await attach(plan);
  const state = await readState(name);
  if (!state || !machine) throw new Error(`cluster ${name} is not an embedded one that runs`);
  const { child: _, ...started } = await startInside(machine, component, argv);
  const after = { ...started, name: `${plan.name}/${component}` };
  const others = state.daemons.filter((daemon) => daemon.name !== after.name);
  await writeState(name, { ...state, daemons: [...others, after] });
  return after;
}
