import { join } from 'node:path';
import { run } from '../exec.ts';
import type { Endpoint } from '../get.ts';
import { kubeconfigPath } from '../paths.ts';
import type { StorageBinary } from '../sources.ts';
import { kubeconfigOf, type Paths } from './components.ts';
import { driverReady } from './health.ts';
import type { NodePlan } from './plan.ts';
import type { Session } from './session.ts';

export type StoragePrograms = Readonly<Record<StorageBinary, string>>;

const driverName = 'loop.csi.airfield.dev';
/** As the driver makes it, in the private /var/lib of each machine. */
const socket = `/var/lib/kubelet/plugins/${driverName}/csi.sock`;

const driver = (programs: StoragePrograms, paths: Paths, plan: NodePlan): string[] => [
  programs['csi-driver'],
  `--node=${plan.name}`,
  // In the folder of the cluster, which every machine sees.
  `--data=${join(paths.dir, 'images')}`,
];

const rates = ['--kube-api-qps=100', '--kube-api-burst=200'];
const user = (plan: NodePlan) => [`--kubeconfig=${kubeconfigOf(plan, 'csi')}`, ...rates];
const sidecar = (plan: NodePlan) => [...user(plan), `--csi-address=${socket}`, '--timeout=60s'];

/** Runs on every node: only there can a volume be kept still while its snapshot is taken. */
const snapshotter = (programs: StoragePrograms, plan: NodePlan): string[] => [
  ...['env', `NODE_NAME=${plan.name}`, programs['csi-snapshotter']],
  ...sidecar(plan),
  '--node-deployment',
];

/** Run once for the whole cluster, with the driver of the first node. */
const controllers = (programs: StoragePrograms, first: NodePlan): Readonly<Record<string, string[]>> => ({
  'csi-provisioner': [programs['csi-provisioner'], ...sidecar(first), '--strict-topology', '--default-fstype=xfs'],
  'csi-resizer': [programs['csi-resizer'], ...sidecar(first)],
  'snapshot-controller': [programs['snapshot-controller'], ...user(first), '--enable-distributed-snapshotting'],
});

/** Adds the storage class and the snapshot class `airfield-csi` to a cluster that is up. */
export async function startCsi(session: Session, programs: StoragePrograms, endpoint: Endpoint): Promise<void> {
  const crds = programs['snapshot-crds'];
  const kubectl = (...args: string[]) =>
    run(session.programs.kubectl, ['--kubeconfig', kubeconfigPath(session.name), ...args]);
  await kubectl('apply', '--server-side', '-f', crds);
  await kubectl('wait', '--for=condition=Established', '-f', crds, '--timeout=30s');
  await kubectl('apply', '--server-side', '-f', join(import.meta.dirname, 'csi.yaml'));
  for (const machine of session.machines)
    await session.start(machine, 'csi-driver', driver(programs, session.paths, machine.plan));
  const registered = () => driverReady(endpoint, driverName, session.plans.length);
  await session.waitFor('the CSI driver to be registered on every node', registered);
  for (const machine of session.machines)
    await session.start(machine, 'csi-snapshotter', snapshotter(programs, machine.plan));
  for (const [name, argv] of Object.entries(controllers(programs, session.first.plan)))
    await session.start(session.first, name, argv);
}
