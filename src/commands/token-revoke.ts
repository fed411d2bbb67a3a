import { label } from '../api/meta.ts';
import type { Client } from '../kube/client.ts';
import { isNotFound } from '../kube/errors.ts';
import { type ObjectRef, roleBindings, roles, serviceAccounts } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import { CommandError } from './command-error.ts';
import type { Session } from './session.ts';
import { listTokens } from './token-list.ts';

export interface RevokeFlags {
  readonly expired?: boolean;
}

/** `airfield tokens revoke`: prints the names of those that are gone. */
export async function revokeTokens(session: Session, names: readonly string[], flags: RevokeFlags): Promise<number> {
  const { client, namespace } = session;
  if (names.length === 0 && !flags.expired)
    throw new CommandError('which tokens? Name them, or write --expired; `airfield tokens list` shows them', 2);
  const now = new Date();
  const expired = flags.expired ? await listTokens(client, { namespace }) : [];
  const all = [...names, ...expired.filter(({ expiresAt }) => isOver(expiresAt, now)).map(({ name }) => name)];
  for (const name of new Set(all)) {
    await refuseForeign(client, { namespace, name });
    await removeToken(client, { namespace, name });
    process.stdout.write(`${name}\n`);
  }
  return 0;
}

const isOver = (time: string | undefined, now: Date) => time !== undefined && Date.parse(time) <= now.getTime();

/** One of which a part is gone already can be revoked, too. */
async function refuseForeign(client: Client, ref: { namespace: string; name: string }): Promise<void> {
  const found = await Promise.all(
    [roleBindings, roles, serviceAccounts].map((kind) =>
      client.get<KubeObject>(kind, ref).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
        return undefined;
      }),
    ),
  );
  const objects = found.filter((object) => object !== undefined);
  if (objects.length > 0 && objects.every(({ metadata }) => metadata.labels?.[label.token])) return;
  const what =
    objects.length > 0 ? `${ref.name} was not made by \`airfield tokens create\`` : `there is no token ${ref.name}`;
  throw new CommandError(
    `${what} in namespace ${ref.namespace}: \`airfield tokens list -n ${ref.namespace}\` shows those there are`,
  );
}

/** The binding first: API servers remember for ten seconds that a token is good, but look at its rights each time. */
export async function removeToken(client: Client, ref: ObjectRef): Promise<void> {
  for (const kind of [roleBindings, roles, serviceAccounts]) {
    await client.delete(kind, ref).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
}
