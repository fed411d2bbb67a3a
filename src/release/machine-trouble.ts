import type { ObservedPod } from '../api/kubernetes.ts';
import { contentsVolume } from '../desired/files.ts';
import { stopConfigMapName } from '../desired/stop-config-map.ts';

export interface Trouble {
  /** One word, as Kubernetes says it: `ImagePullBackOff`. */
  readonly reason: string;
  /** A sentence that names the machine. */
  readonly message: string;
}

type PodVolume = NonNullable<NonNullable<ObservedPod['spec']>['volumes']>[number];
type Status = NonNullable<ObservedPod['status']>;
type ContainerStatus = NonNullable<Status['containerStatuses']>[number];
type Ended = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

/** What Kubernetes says while a machine is on its way and nothing is wrong. */
const ordinary = new Set(['ContainerCreating', 'PodInitializing', 'Completed']);

/** Airfield sees to these itself. */
const ownVolumes: ReadonlySet<string> = new Set([contentsVolume, stopConfigMapName]);

/** Why a machine does not run, as far as its pod tells; undefined while it is merely starting. */
export function machineTrouble(pod: ObservedPod): Trouble | undefined {
  // What runs beside a program that has ended is stopped, with any exit code.
  if (pod.status?.phase === 'Succeeded') return undefined;
  return unschedulable(pod) ?? notRunning(pod);
}

/** Why a machine about which nothing is wrong does not serve after all this time. */
export function whyNotReady(pod: ObservedPod): Trouble | undefined {
  return notPrepared(pod) ?? notServing(pod);
}

/** The trouble of the youngest pod that has one: after an edit, it is the new machines that matter. */
export function firstTrouble(pods: readonly ObservedPod[], troubleOf = machineTrouble): Trouble | undefined {
  const youngestFirst = [...pods].sort((a, b) => (created(a) < created(b) ? 1 : -1));
  for (const pod of youngestFirst) {
    const trouble = pod.metadata.deletionTimestamp ? undefined : troubleOf(pod);
    if (trouble) return trouble;
  }
  return undefined;
}

/** How a program ended, with the last of what it said. */
export function exit({ exitCode, reason, message }: Ended): string {
  const killed = reason === 'OOMKilled' ? ', out of memory' : '';
  const said = lastLines(message);
  return `its program ended with exit code ${exitCode}${killed}${said ? `; it said: ${said}` : ''}`;
}

/** The end of a text, as one line. */
function lastLines(text = ''): string {
  const lines = text.split('\n').map((line) => line.trim());
  const said = lines.filter(Boolean).slice(-10).join(' | ');
  return said.length > 1000 ? `…${said.slice(-1000)}` : said;
}

function notRunning(pod: ObservedPod): Trouble | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  for (const { state, lastState } of [...initContainerStatuses, ...containerStatuses]) {
    const { reason, message } = state?.waiting ?? {};
    const ended = state?.terminated ?? lastState?.terminated;
    if (reason && !ordinary.has(reason))
      return { reason, message: sentence(pod, reason, ended ? exit(ended) : message) };
    if (state?.terminated && state.terminated.exitCode !== 0) {
      return { reason: 'Crashed', message: sentence(pod, 'has ended', exit(state.terminated)) };
    }
  }
  return undefined;
}

/**
 * The kubelet tells in an event, and not in the status, which volume cannot be mounted: so all that could be missing are
 * named. It mounts volumes before it makes the pod's network.
 */
function notPrepared(pod: ObservedPod): Trouble | undefined {
  const prepared = pod.status?.conditions?.find(({ type }) => type === 'PodReadyToStartContainers');
  if (prepared?.status !== 'False' || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed')
    return undefined;
  const needed = (pod.spec?.volumes ?? []).filter(({ name }) => !ownVolumes.has(name)).flatMap(sourceOf);
  if (needed.length === 0)
    return { reason: 'NetworkNotReady', message: sentence(pod, 'does not start before it has an address', undefined) };
  const what = 'does not start before its volumes are there';
  return { reason: 'VolumesNotReady', message: sentence(pod, what, needed.join(', ')) };
}

function sourceOf({ secret, configMap, persistentVolumeClaim: claim }: PodVolume): string[] {
  const keys = (items: readonly { key: string }[] = []) =>
    items.length > 0 ? ` with key ${items.map(({ key }) => key).join(' and ')}` : '';
  if (secret) return [`Secret ${secret.secretName}${keys(secret.items)}`];
  if (configMap) return [`ConfigMap ${configMap.name}${keys(configMap.items)}`];
  return claim ? [`PersistentVolumeClaim ${claim.claimName}`] : [];
}

/** A program that comes and goes, or a check that does not pass. */
function notServing(pod: ObservedPod): Trouble | undefined {
  const waiting = pod.status?.containerStatuses?.find(({ ready, state }) => !ready && state?.running);
  if (!waiting) return undefined;
  const ended = waiting.lastState?.terminated;
  if (ended) return { reason: 'Crashed', message: sentence(pod, 'starts again and again', exit(ended)) };
  const check = checkOf(pod, waiting.name);
  return { reason: 'CheckFailing', message: sentence(pod, 'runs, but its check does not pass', check) };
}

function checkOf({ spec }: ObservedPod, container: string): string | undefined {
  const { httpGet, tcpSocket } = spec?.containers.find(({ name }) => name === container)?.readinessProbe ?? {};
  if (httpGet) return `GET ${httpGet.scheme?.toLowerCase()}://:${httpGet.port}${httpGet.path}`;
  return tcpSocket && `tcp port ${tcpSocket.port}`;
}

function unschedulable(pod: ObservedPod): Trouble | undefined {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status !== 'False') return undefined;
  return { reason: 'Unschedulable', message: sentence(pod, 'no node can take it', scheduled.message) };
}

function sentence(pod: ObservedPod, what: string, detail: string | undefined): string {
  return `machine ${pod.metadata.name}: ${what}${detail ? ` (${detail})` : ''}`;
}

function created(pod: ObservedPod): string {
  return `${pod.metadata.creationTimestamp ?? ''}`;
}
