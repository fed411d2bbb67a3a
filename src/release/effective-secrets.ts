import { createHash } from 'node:crypto';
import type { AppSecret } from './secrets.ts';

/** A Secret that names an App, with what it has. */
export interface NamedSecret {
  readonly name: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly staged: boolean;
  readonly keys: readonly { readonly name: string; readonly digest: string }[];
}

/** A variable that two Secrets set for one App. */
export interface KeyConflict {
  readonly app: string;
  readonly keys: readonly string[];
  /** Name of the other Secret. */
  readonly other: string;
  /** Whether the App gets the value of this Secret, and not that of the other one. */
  readonly wins: boolean;
}

type Aged = Pick<NamedSecret, 'name' | 'createdAt'>;

/** Oldest first: of two Secrets that set one variable the older one is heard, so that a new one takes nothing over. */
export function byAge(a: Aged, b: Aged): number {
  const [first, second] = [`${a.createdAt} ${a.name}`, `${b.createdAt} ${b.name}`];
  return first < second ? -1 : Number(first > second);
}

/** What an App has of each of the Secrets that name it, by name; without those that give it nothing. */
export function effectiveSecrets(secrets: readonly NamedSecret[]): AppSecret[] {
  const taken = new Set<string>();
  const effective = [...secrets].sort(byAge).map(({ name, staged, keys }): AppSecret => {
    const own = keys.filter((key) => !taken.has(key.name)).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const key of own) taken.add(key.name);
    return { name, digest: digestOf(own), keys: own.map((key) => key.name), staged };
  });
  return effective.filter(({ keys }) => keys.length > 0).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A Secret as far as others can be in its way. */
export interface Rival extends Aged {
  readonly apps: readonly string[];
  readonly keys: readonly string[];
}

/** The variables that a Secret and another one set for the same App. */
export function keyConflicts(secret: Rival, others: readonly Rival[]): KeyConflict[] {
  const rivals = others.filter(({ name }) => name !== secret.name).sort(byAge);
  return secret.apps.flatMap((app) =>
    rivals.flatMap((rival) => {
      const keys = rival.apps.includes(app) ? secret.keys.filter((key) => rival.keys.includes(key)).sort() : [];
      return keys.length > 0 ? [{ app, keys, other: rival.name, wins: byAge(secret, rival) < 0 }] : [];
    }),
  );
}

/** Of digests, which tell nothing of the values. */
function digestOf(keys: NamedSecret['keys']): string {
  const text = JSON.stringify(keys.map(({ name, digest }) => [name, digest]));
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
