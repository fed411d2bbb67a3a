/** API group, labels and annotations: the words that other tools may rely on. */
export const group = 'airfield.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;

/** The name under which Airfield owns fields in server-side apply, and the value of `app.kubernetes.io/managed-by`. */
export const manager = 'airfield';

export const label = {
  name: 'app.kubernetes.io/name',
  instance: 'app.kubernetes.io/instance',
  component: 'app.kubernetes.io/component',
  managedBy: 'app.kubernetes.io/managed-by',
  app: `${group}/app`,
  process: `${group}/process`,
  network: `${group}/network`,
  /** Version of the release that a pod is of. */
  release: `${group}/release`,
  /** Name of the workload that a pod is of: what workloads select by. */
  workload: `${group}/workload`,
  /** Which of the two sets of machines of an App a pod is in; the Service of the App selects one of them. */
  slot: `${group}/slot`,
  region: `${group}/region`,
  /** On claims and snapshots: name of the mount. */
  mount: `${group}/mount`,
  /** What a Job or a pod is beside the machines of an App: a value of `role`. */
  role: `${group}/role`,
  /** On everything of a Machine: its name. */
  machine: `${group}/machine`,
  /** On pods of a Machine, and on what makes them: the version of the Machine. */
  version: `${group}/version`,
  /** On pods of a Machine, and on what makes them: which of its starts they belong to, counted from 1. */
  run: `${group}/run`,
  /** On everything of a Schedule: its name. */
  schedule: `${group}/schedule`,
  /** On the core Secret that a Secret becomes: its name. */
  secret: `${group}/secret`,
  /** On pods, on what makes them, and on the core Secret itself: which set of values of secrets they have. */
  secrets: `${group}/secrets`,
  /** On copies of TLS Secrets where gates read certificates, with any value: they serve them. */
  certificate: `${group}/certificate`,
  /** On policies of Apps in the namespace of the gates. */
  gatePolicy: `${group}/gate-policy`,
  /** On everything of a token for an App: its scope. */
  token: `${group}/token`,
  /** On ControllerRevisions of Airfield: the hash of the release. */
  revision: `${group}/revision`,
} as const;

/** Values of `label.role`. */
export const role = { releaseCommand: 'release-command', machineCheck: 'machine-check' } as const;

/** What pods of the operator are known by, in the namespace where it runs. */
export const operatorLabels = { [label.name]: 'airfield' } as const;

/** What pods of gates are known by, in the namespace where they run. */
export const gateLabels = { [label.name]: 'airfield', [label.component]: 'gate' } as const;

/** On an App: a new value restarts all its machines, and tries a failed release again. On a Machine it restarts that. */
export const restartedAtAnnotation = `${group}/restarted-at`;

/** On what makes the pod of a Machine: a hash of what its version is made of. */
export const configAnnotation = `${group}/config`;

/** On a ControllerRevision: how the release went. */
export const journalAnnotation = `${group}/journal`;

/** On the core Secret that a Secret becomes: what is known of its values without them. */
export const valuesAnnotation = `${group}/values`;

/** On a Service: the routes by which gates serve its App, as a JSON list of `Route`. */
export const routesAnnotation = `${group}/routes`;

/** On a TLS Secret where gates read certificates: the hosts that it is for, as a JSON list of names. */
export const certificateHostsAnnotation = `${group}/hosts`;

/** On a pod, with any value: gates give it nothing new, and what it has to do ends by itself. */
export const leavingAnnotation = `${group}/leaving`;

/** On a pod: its CPU is at the minimum until somebody needs it, as JSON of what it had (src/suspend/annotation.ts). */
export const suspendedAnnotation = `${group}/suspended`;

/** On the CRDs: the version of Airfield that they are of. */
export const versionAnnotation = `${group}/version`;

/** On a workload: `true` where requests and idleness decide how many of its machines run, and not what is applied. */
export const scaledAnnotation = `${group}/scaled`;

/** On the service account of a token: who made it, and when it expires. */
export const tokenMadeByAnnotation = `${group}/made-by`;
export const tokenExpiresAnnotation = `${group}/expires-at`;

/** Names that every namespace with Apps gives to its own Services, so that no App can take them. */
export const reservedAppNames = ['internal', 'flycast', 'kubernetes'] as const;

/** How the names of the Services begin by which process groups and regions of Apps have names; no App's name does. */
export const placesPrefix = 'internal--';
