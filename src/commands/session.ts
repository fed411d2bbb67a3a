import { setMaxListeners } from 'node:events';
import type { Client } from '../kube/client.ts';
import type { KubeError } from '../kube/errors.ts';
import type { ClusterFlags } from './cluster-options.ts';
import { CommandError } from './command-error.ts';
import { failed } from './messages.ts';

/** A verb's connection to the cluster. */
export interface Session {
  readonly client: Client;
  readonly namespace: string;
  /** Aborted by Ctrl-C, after which a command that watches ends well. */
  readonly signal: AbortSignal;
}

/** As a shell says that a program was ended by a signal: 128 and its number. */
const endedBy = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Connects, runs a verb and sets the exit code that it gives back. What goes wrong is one line on standard error, with
 * exit code 1, or 2 for wrong usage. The first signal ends the verb, which may clean up; the second one ends the process.
 */
export async function inCluster(flags: ClusterFlags, run: (session: Session) => Promise<number>): Promise<void> {
  const stopping = new AbortController();
  // Every stream of every machine listens to it.
  setMaxListeners(0, stopping.signal);
  const stop = (signal: keyof typeof endedBy) => stopping.abort(signal);
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop);
  process.stdout.on('error', endQuietly);
  let client: Client | undefined;
  try {
    client = await connected(flags);
    const session = { client, namespace: flags.namespace ?? client.namespace, signal: stopping.signal };
    process.exitCode = await run(session);
  } catch (error) {
    if (!stopping.signal.aborted) process.exitCode = await explained(error);
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, stop);
    client?.close();
  }
  if (stopping.signal.aborted) process.exitCode = endedBy[stopping.signal.reason as keyof typeof endedBy];
}

/** Whoever reads the output, such as `head`, has seen enough. */
function endQuietly({ code }: NodeJS.ErrnoException): void {
  process.exit(code === 'EPIPE' ? 0 : 1);
}

async function connected({ kubeconfig, context }: ClusterFlags): Promise<Client> {
  const { connect } = await import('../kube/client.ts');
  try {
    return await connect({ kubeConfigPath: kubeconfig, context, requestTimeoutMs: 15_000 });
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}

async function explained(error: unknown): Promise<number> {
  if (error instanceof CommandError) {
    failed(error.message);
    return error.exitCode;
  }
  const { KubeError } = await import('../kube/errors.ts');
  if (!(error instanceof KubeError)) throw error;
  failed(`${error.message}${nextStep(error)}`);
  return 1;
}

function nextStep({ status, message }: KubeError): string {
  if (status === 0) return '; `airfield doctor` looks at it more closely';
  if (status === 401) return '; log in again, or choose another user with --context';
  if (status === 403) return '; ask for the right: `airfield doctor` shows what you may do';
  if (status === 404 && /could not find the requested resource/.test(message))
    return '; the cluster does not know the kind yet: `kubectl apply --server-side -f crds/`';
  return '';
}
