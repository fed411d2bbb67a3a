import { createHash } from 'node:crypto';
import type { Slot } from '../api/release.ts';

const longest = 63;

/** A StatefulSet puts `<name>-<hash of ten characters>` into a label of its pods (kubernetes/kubernetes#64023). */
const longestWorkload = longest - 11;

/** What tells the workloads of an App apart. */
export interface WorkloadIdentity {
  readonly group: string;
  /** Only where the group has several, and not for the primary one: a group may get more regions without a new name. */
  readonly region?: string | undefined;
  readonly slot: Slot;
  readonly role: 'machines' | 'canary';
  /** Only where each release has a workload of its own. */
  readonly release?: number | undefined;
}

/**
 * A name for a child of `app`, at most 63 characters, that no other list of parts yields: `hello-worker`. Where the
 * plain join would not tell the parts apart (App `a` with group `b-c`, App `a-b` with group `c`) or would be too long,
 * a hash of the parts is added. It does not change as long as the parts do not.
 */
export function childName(app: string, ...parts: string[]): string {
  const plain = [app, ...parts].join('-');
  const plainIsClear = parts.length <= 1 && parts.every((part) => !part.includes('-'));
  return plainIsClear && plain.length <= longest ? plain : hashed(plain, [app, ...parts], longest);
}

/** Name of the Deployment, StatefulSet or Job: `hello-app`, at most 52 characters. */
export function workloadName(app: string, { group, region, slot, role, release }: WorkloadIdentity): string {
  const words = [region, slot === 'green' && slot, role === 'canary' && role, release && `r${release}`].filter(
    (word) => typeof word === 'string',
  );
  const plain = [app, group, ...words].join('-');
  const plainIsClear = words.length === 0 && !group.includes('-');
  if (plainIsClear && plain.length <= longestWorkload) return plain;
  return hashed(plain, [app, group, region ?? null, slot, role, ...(release ? [release] : [])], longestWorkload);
}

/** A name for something of a Machine, at most 63 characters, that nothing of an App and no other Machine has. */
export function machineChildName(machine: string, ...parts: string[]): string {
  return hashed([machine, ...parts].join('-'), ['machine', machine, ...parts], longest);
}

/** Name of what runs a Machine, at most 52 characters: of its Deployment, or of the Job of one of its runs. */
export function machineWorkloadName(machine: string, run?: number): string {
  return hashed(machine, ['machine', machine, ...(run === undefined ? [] : [run])], longestWorkload);
}

/** Name of the copy of a Secret of an App (`namespace/name`) with a certificate, where gates read it. */
export function certificateCopyName(app: string, secret: string): string {
  const plain = `${app.replace('/', '-')}-${secret.replaceAll('.', '-')}`;
  return hashed(plain, ['certificate', app, secret], longest);
}

/** Name of the policy of an App (`namespace/name`) in the namespace of the gates. */
export function gatePolicyName(app: string): string {
  return hashed(app.replace('/', '-'), ['gate-policy', app], longest);
}

/** Name of the ControllerRevision of a release: `hello-r7`. */
export function revisionName(app: string, version: number): string {
  return childName(app, `r${version}`);
}

/**
 * Name of a mount's volume in a pod. Its claims are called `<volume>-<workload>-<number>`: with each `-` doubled, no two
 * mounts of any two Apps of a namespace have the same claim, since the name of an App begins with a letter.
 */
export function volumeName(mount: string): string {
  const doubled = mount.replaceAll('-', '--');
  return doubled.length <= longest ? doubled : hashed(mount, [mount], longest);
}

function hashed(plain: string, parts: readonly unknown[], length: number): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
  return `${plain.slice(0, length - hash.length - 1).replace(/-+$/, '')}-${hash}`;
}
