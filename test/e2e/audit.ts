import { readFile } from 'node:fs/promises';
import { inject } from 'vitest';

interface Entry {
  verb: string;
  userAgent?: string;
  requestURI: string;
  stageTimestamp: string;
  objectRef?: { resource: string; apiGroup?: string };
}

const writes = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** All that the operator has written into a namespace, but for core Secrets, with the bodies of its requests. */
export async function operatorBodies(namespace: string, log = inject('auditLog')): Promise<string> {
  const all = (await readFile(log, 'utf8')).split('\n');
  const lines = all.filter((line) => line.includes('"airfield-operator') && line.includes(namespace));
  return lines.filter((line) => !isOfCoreSecret(JSON.parse(line))).join('\n');
}

const isOfCoreSecret = ({ objectRef }: Entry) => objectRef?.resource === 'secrets' && !objectRef.apiGroup;

/**
 * What the operator has written since `since`, from the audit log of the API server: `patch /apis/…`. Its Lease is left
 * out, which every leader renews all the time.
 */
export async function operatorWrites(since: Date, log = inject('auditLog')): Promise<string[]> {
  const entries = (await readFile(log, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line): Entry => JSON.parse(line));
  return entries
    .filter(({ userAgent, verb }) => userAgent?.startsWith('airfield-operator') && writes.has(verb))
    .filter(({ objectRef, stageTimestamp }) => objectRef?.resource !== 'leases' && new Date(stageTimestamp) > since)
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}
