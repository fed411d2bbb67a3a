import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { admin, signingKey, tokensFile } from './credentials.ts';

export const serviceRange = '10.96.0.0/16';
export const dnsAddress = '10.96.0.10';

/** etcd for a cluster that may be thrown away: nothing waits for the disk. */
export const etcdArgs = (dataDir: string, clientPort: number, peerPort: number): string[] => [
  `--data-dir=${dataDir}`,
  `--listen-client-urls=http://127.0.0.1:${clientPort}`,
  `--advertise-client-urls=http://127.0.0.1:${clientPort}`,
  `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
  `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
  `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
  '--unsafe-no-fsync',
  '--log-level=warn',
];

export interface ApiServerOptions {
  /** Folder of tokens, keys and the certificate. */
  readonly pki: string;
  readonly etcdPort: number;
  readonly bindAddress: string;
  readonly advertiseAddress: string;
  readonly port: number;
  /** Where the audit log goes; needs `writeAuditPolicy` first. */
  readonly auditLog?: string | undefined;
  readonly extra?: readonly string[];
}

export const apiServerArgs = (options: ApiServerOptions): string[] => [
  `--etcd-servers=http://127.0.0.1:${options.etcdPort}`,
  `--bind-address=${options.bindAddress}`,
  `--advertise-address=${options.advertiseAddress}`,
  `--secure-port=${options.port}`,
  `--cert-dir=${options.pki}`,
  `--token-auth-file=${tokensFile(options.pki)}`,
  '--authorization-mode=Node,RBAC',
  `--service-cluster-ip-range=${serviceRange}`,
  '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
  `--service-account-key-file=${signingKey(options.pki)}`,
  `--service-account-signing-key-file=${signingKey(options.pki)}`,
  '--allow-privileged=true',
  ...(options.auditLog
    ? [
        `--audit-policy-file=${policyFile(options.pki)}`,
        `--audit-log-path=${options.auditLog}`,
        // It begins a new file at 100 MB where nothing is said, and whoever reads along would miss the end of the old one.
        '--audit-log-maxsize=100000',
      ]
    : []),
  ...(options.extra ?? []),
];

const policyFile = (pki: string): string => join(pki, 'audit-policy.yaml');

/**
 * One line for each finished request: who, verb, resource, answer. What administrators write, the operator of the tests
 * among them, is there with its body, so that it can be searched for what must not be in it; core Secrets are not.
 */
export async function writeAuditPolicy(pki: string): Promise<void> {
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      { level: 'Metadata', resources: [{ group: '', resources: ['secrets'] }] },
      { level: 'Request', userGroups: admin.groups, verbs: ['create', 'update', 'patch'] },
      { level: 'Metadata' },
    ],
  };
  await writeFile(policyFile(pki), stringify(policy));
}
