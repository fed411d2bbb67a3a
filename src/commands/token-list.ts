import { label, tokenExpiresAnnotation, tokenMadeByAnnotation } from '../api/meta.ts';
import type { Client } from '../kube/client.ts';
import { serviceAccounts } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import { age, elapsed } from './age.ts';
import { note } from './messages.ts';
import type { Session } from './session.ts';
import { table } from './table.ts';

export interface ListTokensFlags {
  readonly app?: string;
  readonly output: 'text' | 'json';
}

/** What is known of a token. The token itself is kept nowhere. */
export interface TokenInfo {
  readonly name: string;
  readonly app: string;
  readonly scope: string;
  readonly madeBy?: string;
  readonly madeAt?: string;
  readonly expiresAt?: string;
}

/** `airfield tokens list` */
export async function showTokens({ client, namespace }: Session, { app, output }: ListTokensFlags): Promise<number> {
  const tokens = await listTokens(client, { namespace, ...(app && { app }) });
  if (output === 'json') process.stdout.write(`${JSON.stringify(tokens, null, 2)}\n`);
  else if (tokens.length > 0) process.stdout.write(tokenTable(tokens, new Date()));
  else
    note(
      `there are no tokens${app ? ` for App ${app}` : ''} in namespace ${namespace}: \`airfield tokens create\` makes one`,
    );
  return 0;
}

/** Oldest first. */
export async function listTokens(client: Client, of: { namespace: string; app?: string }): Promise<TokenInfo[]> {
  const labelSelector = of.app ? `${label.token},${label.app}=${of.app}` : label.token;
  const options = { namespace: of.namespace, labelSelector, metadataOnly: true };
  const { items } = await client.list<KubeObject>(serviceAccounts, options);
  const tokens = items.map(({ metadata }): TokenInfo => {
    const { name, labels = {}, annotations = {}, creationTimestamp: madeAt } = metadata;
    const [madeBy, expiresAt] = [annotations[tokenMadeByAnnotation], annotations[tokenExpiresAnnotation]];
    return {
      name,
      app: labels[label.app] ?? '',
      scope: labels[label.token] ?? '',
      ...(madeBy && { madeBy }),
      ...(madeAt && { madeAt }),
      ...(expiresAt && { expiresAt }),
    };
  });
  return tokens.sort((a, b) => ((a.madeAt ?? '') < (b.madeAt ?? '') ? -1 : 1));
}

/** For people, with times as they are from now on. */
export function tokenTable(tokens: readonly TokenInfo[], now: Date): string {
  const rows = tokens.map(({ name, app, scope, madeBy = '-', madeAt, expiresAt }) => {
    const made = madeAt ? `${age(madeAt, now)} ago` : '-';
    return [name, app, scope, madeBy, made, left(expiresAt, now)];
  });
  return table(['NAME', 'APP', 'SCOPE', 'MADE BY', 'MADE', 'EXPIRES'], rows);
}

function left(expiresAt: string | undefined, now: Date): string {
  if (!expiresAt) return '-';
  const seconds = (Date.parse(expiresAt) - now.getTime()) / 1000;
  return seconds > 0 ? `in ${elapsed(seconds)}` : 'expired';
}
