import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** A user of a test cluster: name and groups. */
export interface User {
  readonly name: string;
  readonly groups?: readonly string[];
}

export const admin: User = { name: 'admin', groups: ['system:masters'] };

/** Users without any permission, for tests that grant some. */
export const testUsers: readonly User[] = [{ name: 'alice' }, { name: 'bob' }];

/** Files the API server reads: who may log in by token, and the key that signs service account tokens. */
export async function writeCredentials(dir: string, users: readonly User[]): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const lines = users.map(
    ({ name, groups = [] }) => `${randomBytes(24).toString('hex')},${name},${name},"${groups.join(',')}"`,
  );
  await writeFile(tokensFile(dir), `${lines.join('\n')}\n`, { mode: 0o600 });
  if (existsSync(signingKey(dir))) return;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(signingKey(dir), privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });
}

export const tokensFile = (dir: string): string => join(dir, 'tokens.csv');
export const signingKey = (dir: string): string => join(dir, 'service-account.key');

/** Written by the API server itself when it first starts: its certificate followed by the authority that signed it. */
export const authorityFile = (dir: string): string => join(dir, 'apiserver.crt');

/** Every user's token, by user name. */
export async function readTokens(dir: string): Promise<Record<string, string>> {
  const lines = (await readFile(tokensFile(dir), 'utf8')).trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(',').slice(0, 2).reverse()));
}

/** Writes a kubeconfig that only its owner can read. */
export async function writeKubeconfig(
  path: string,
  { name, server, ca, token }: { name: string; server: string; ca: string; token: string },
): Promise<void> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
  await writeFile(path, stringify(config), { mode: 0o600 });
}
