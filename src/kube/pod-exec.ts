import { PassThrough, type Readable, type Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Exec } from '@kubernetes/client-node/dist/exec.js';
import { type KubeConfigSource, loadKubeConfig } from './auth.ts';
import { errorOfStatus, type KubeError, type Status } from './errors.ts';
import type { ObjectRef } from './resources.ts';
import { brokenOff, refusedStream } from './stream-errors.ts';

export interface PodExec {
  readonly source: KubeConfigSource;
  readonly ref: ObjectRef;
  readonly container: string;
  readonly command: readonly string[];
  /** With a terminal, what the program says to both of its outputs comes as one. */
  readonly tty: boolean;
  readonly stdin: Readable | undefined;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly signal?: AbortSignal;
}

/** Runs a program in a container. Gives back its exit code; throws a KubeError where it could not be started. */
export async function execInPod({
  source,
  ref,
  container,
  command,
  tty,
  signal,
  ...streams
}: PodExec): Promise<number> {
  const { stdin = null } = streams;
  // A stream that has a size makes the library tell it, which without a terminal nobody understands.
  const stdout = tty ? streams.stdout : through(streams.stdout);
  const stderr = tty ? null : through(streams.stderr);
  const exec = new Exec(loadKubeConfig(source));
  const { promise, resolve, reject } = Promise.withResolvers<Status>();
  const { namespace = '', name } = ref;
  const words = [...command];
  const socket = await exec
    .exec(namespace, name, container, words, stdout, stderr, stdin, tty, (status) => resolve(status as Status))
    .catch((error: unknown) => {
      throw refusedStream('exec', name, error);
    });
  socket.onclose = () => reject(brokenOff(name));
  const close = () => socket.close();
  signal?.addEventListener('abort', close);
  try {
    const status = await promise;
    if (!tty) await Promise.all([stdout, stderr].map((stream) => stream && finished(stream)));
    return exitCodeOf(status);
  } finally {
    signal?.removeEventListener('abort', close);
  }
}

/** The library ends the streams that it is given. */
function through(target: Writable): PassThrough {
  const stream = new PassThrough();
  stream.pipe(target, { end: false });
  return stream;
}

/** The API server tells it among the causes of a failure. */
function exitCodeOf(status: Status): number {
  if (status.reason === undefined && (status as { status?: string }).status === 'Success') return 0;
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode');
  if (cause) return Number(cause.message);
  throw errorOfStatus(status, status.code ?? 500) satisfies KubeError;
}
