import { gateAdminPort } from '../../src/api/gate.ts';
import { gateLabels } from '../../src/api/meta.ts';
import { haproxyCommand, haproxyPreStop } from '../../src/gate/haproxy-command.ts';
import { airfieldImage } from './airfield-image.ts';

export interface GateManifests {
  /** Of the gates; what has no namespace is called like it. */
  readonly namespace: string;
  readonly replicas: number;
  /** What whoever asks for a drain has to know. */
  readonly token: string;
  /** Seconds for which a gate serves on once it is asked to stop, and for which it then ends what is under way. */
  readonly drain: number;
  readonly grace: number;
  /** Whether it serves hosts on `edgePorts`, with the certificates of `certificatesNamespace`. */
  readonly edge: boolean;
  /** Whether nobody may connect to them but to ask them themselves, or their edge: an operator opens the ports of Apps. */
  readonly policy: boolean;
  /** Other variables of docs/gate.md. */
  readonly env: Readonly<Record<string, string>>;
}

/** Where gates of a namespace read certificates. */
export const certificatesNamespace = (gates: string) => `${gates}-certificates`;

export const edgePorts = { http: 8080, https: 8443 };

const apiGroup = 'rbac.authorization.k8s.io';
const user = 65_532;
const directory = '/run/gate';
/** Beyond what a gate asks for, so that it is never killed while it ends by itself. */
const spareSeconds = 10;

/** All that a cluster needs to run gates, as docs/gate.md says it. */
export function gateManifests(options: GateManifests): object[] {
  const { namespace: name, token, edge, policy } = options;
  const inIt = { name: 'gate', namespace: name };
  const rbac = { apiVersion: `${apiGroup}/v1`, metadata: { name } };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inIt },
    { ...rbac, kind: 'ClusterRole', rules: permissions },
    {
      ...rbac,
      kind: 'ClusterRoleBinding',
      roleRef: { apiGroup, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', ...inIt }],
    },
    { apiVersion: 'v1', kind: 'Secret', metadata: inIt, stringData: { token } },
    ...(edge ? certificateReader(name) : []),
    ...(policy ? [ownPolicy(inIt, edge)] : []),
    deployment(options),
  ];
}

function ownPolicy(metadata: object, edge: boolean): object {
  const ports = [gateAdminPort, ...(edge ? Object.values(edgePorts) : [])].map((port) => ({ port }));
  const spec = { podSelector: { matchLabels: gateLabels }, policyTypes: ['Ingress'], ingress: [{ ports }] };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec };
}

function certificateReader(gates: string): object[] {
  const namespace = certificatesNamespace(gates);
  const object = { apiVersion: `${apiGroup}/v1`, metadata: { name: 'certificates', namespace } };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { ...object, kind: 'Role', rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['list', 'watch'] }] },
    {
      ...object,
      kind: 'RoleBinding',
      roleRef: { apiGroup, kind: 'Role', name: 'certificates' },
      subjects: [{ kind: 'ServiceAccount', name: 'gate', namespace: gates }],
    },
  ];
}

const permissions = [
  { apiGroups: [''], resources: ['pods', 'services'], verbs: ['list', 'watch'] },
  { apiGroups: [''], resources: ['pods', 'pods/resize'], verbs: ['patch'] },
  { apiGroups: ['apps'], resources: ['deployments/scale', 'statefulsets/scale'], verbs: ['get', 'patch'] },
];

const variables = ({ namespace, drain, grace, edge, env }: GateManifests) => ({
  AIRFIELD_GATE_DRAIN: `${drain}s`,
  AIRFIELD_GATE_GRACE: `${grace}s`,
  ...(edge && {
    AIRFIELD_GATE_EDGE_HTTP: `${edgePorts.http}`,
    AIRFIELD_GATE_EDGE_HTTPS: `${edgePorts.https}`,
    AIRFIELD_GATE_CERTIFICATES_NAMESPACE: certificatesNamespace(namespace),
  }),
  ...env,
});

function deployment(options: GateManifests): object {
  const { namespace, replicas, drain, grace } = options;
  const labelSelector = { matchLabels: gateLabels };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'airfield-gate', namespace, labels: gateLabels },
    spec: {
      replicas,
      selector: labelSelector,
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels: gateLabels },
        spec: {
          serviceAccountName: 'gate',
          shareProcessNamespace: true,
          terminationGracePeriodSeconds: drain + grace + spareSeconds,
          securityContext: { runAsNonRoot: true, runAsUser: user, seccompProfile: { type: 'RuntimeDefault' } },
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'DoNotSchedule',
              labelSelector,
              matchLabelKeys: ['pod-template-hash'],
            },
          ],
          containers: containers(variables(options)),
          volumes: [{ name: 'directory', emptyDir: { medium: 'Memory' } }],
        },
      },
    },
  };
}

/** The gate, and HAProxy beside it, which outlives it. */
function containers(more: Readonly<Record<string, string>>): object[] {
  const secretKeyRef = { name: 'gate', key: 'token' };
  const all = { AIRFIELD_GATE_DIRECTORY: directory, AIRFIELD_GATE_HAPROXY_MODE: 'beside', ...more };
  const both = {
    image: airfieldImage,
    env: [
      { name: 'AIRFIELD_GATE_TOKEN', valueFrom: { secretKeyRef } },
      ...Object.entries(all).map(([name, value]) => ({ name, value })),
    ],
    securityContext: {
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'directory', mountPath: directory }],
  };
  return [
    {
      ...both,
      name: 'gate',
      command: ['node', '/app/gate.js'],
      ports: [{ name: 'admin', containerPort: gateAdminPort }],
      readinessProbe: { httpGet: { path: '/readyz', port: 'admin' }, periodSeconds: 1 },
      resources: { requests: { cpu: '20m', memory: '128Mi' } },
    },
    {
      ...both,
      name: 'haproxy',
      command: haproxyCommand,
      lifecycle: { preStop: { exec: { command: haproxyPreStop } } },
      resources: { requests: { cpu: '50m', memory: '64Mi' } },
    },
  ];
}
