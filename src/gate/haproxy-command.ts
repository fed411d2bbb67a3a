/** How HAProxy runs in a container of its own, beside the gate: what manifests of pods say, word for word. */

const folder = '"$AIRFIELD_GATE_DIRECTORY"';
const pid = `${folder}/haproxy.pid`;

/**
 * The arguments of HAProxy's master, in a gate as in a container of its own. The path of the socket is what the master is
 * known by among all processes.
 */
export const masterArguments = ({ master, config }: { readonly master: string; readonly config: string }) =>
  ['-W', '-S', `${master},mode,600`, '-f', config] as const;

const haproxy = masterArguments({ master: `${folder}/master.sock`, config: `${folder}/haproxy.cfg` }).join(' ');

/**
 * `command` of the container: waits for the first configuration, then becomes HAProxy, so that signals reach it. Not `$$`,
 * of which Kubernetes would make `$` (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#entrypoint).
 */
export const haproxyCommand = [
  'sh',
  '-c',
  `until [ -s ${folder}/haproxy.cfg ]; do sleep 0.1; done; sh -c 'echo $PPID' > ${pid}; exec "\${AIRFIELD_GATE_HAPROXY:-haproxy}" ${haproxy}`,
] as const;

/**
 * `lifecycle.preStop.exec.command` of the container: Kubernetes tells all containers of a pod to stop at once, and HAProxy
 * takes SIGTERM as the order to drop everything. So it is kept waiting until HAProxy has ended what is under way. The gate
 * asks for that after AIRFIELD_GATE_DRAIN; if the gate is gone, this does, a second later.
 */
export const haproxyPreStop = [
  'sh',
  '-c',
  `drain="\${AIRFIELD_GATE_DRAIN:-5s}"; sleep "$((\${drain%s} + 1))"; while kill -USR1 "$(cat ${pid})" 2>/dev/null; do sleep 0.2; done`,
] as const;
