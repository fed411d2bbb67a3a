import type { Command } from 'commander';
import type { KubeObject } from '../kube/types.ts';
import { type Completion, completionOf, type Sought } from './candidates.ts';
import type { Session } from './session.ts';

/** What shells do with the answer, as Cobra numbers it: https://pkg.go.dev/github.com/spf13/cobra#ShellCompDirective */
const directive = { names: 4, files: 0 } as const;

/** A shell waits while somebody looks. */
const patienceMs = 3_000;

/**
 * `airfield __complete …`: what the last word may become, a line each, and what the shell shall do with them. It is Cobra's
 * protocol, which kubectl speaks to its plugins, too.
 */
export async function complete(program: Command, words: readonly string[]): Promise<string> {
  const completion = completionOf(program, words);
  const sought = await namesOf(completion, words).catch(() => []);
  const begin = words.at(-1) ?? '';
  const found = sought.filter((name) => name.startsWith(begin)).map((word) => ({ word, about: '' }));
  const lines = [...completion.candidates, ...found].map(({ word, about }) => (about ? `${word}\t${about}` : word));
  const next = completion.sought === 'files' ? directive.files : directive.names;
  return [...lines, `:${next}`].map((line) => `${line}\n`).join('');
}

async function namesOf({ sought }: Completion, words: readonly string[]): Promise<readonly string[]> {
  if (sought === 'nothing' || sought === 'files') return [];
  const said = (...flags: string[]) => words[words.findIndex((word) => flags.includes(word)) + 1];
  const has = (...flags: string[]) => words.slice(0, -2).some((word) => flags.includes(word));
  const given = (...flags: string[]) => (has(...flags) ? said(...flags) : undefined);
  const kubeconfig = given('--kubeconfig');
  if (sought === 'contexts') return (await import('../kube/auth.ts')).contextNames(kubeconfig);
  const { connect } = await import('../kube/client.ts');
  const context = given('--context');
  const client = await connect({ kubeConfigPath: kubeconfig, context, requestTimeoutMs: patienceMs });
  try {
    const namespace = given('-n', '--namespace') ?? client.namespace;
    return await fromCluster(sought, { client, namespace }, given('-a', '--app'));
  } finally {
    client.close();
  }
}

async function fromCluster(
  sought: Exclude<Sought, 'nothing' | 'files' | 'contexts'>,
  session: Pick<Session, 'client' | 'namespace'>,
  app: string | undefined,
): Promise<string[]> {
  const { client, namespace } = session;
  if (sought === 'machines') {
    const [{ machinesOfApp }, { appNameOf }] = await Promise.all([
      import('./find-machines.ts'),
      import('./app-name.ts'),
    ]);
    const machines = await machinesOfApp(session, await appNameOf(app ? { app } : {}));
    return machines.map(({ name }) => name);
  }
  const [{ apps }, { namespaces }] = await Promise.all([
    import('../controller/resources.ts'),
    import('../kube/resources.ts'),
  ]);
  const scope = sought === 'apps' ? { namespace } : {};
  const { items } = await client.list<KubeObject>(sought === 'apps' ? apps : namespaces, {
    ...scope,
    metadataOnly: true,
  });
  return items.map(({ metadata }) => metadata.name);
}
