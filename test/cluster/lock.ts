import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { until } from './exec.ts';

/**
 * Runs `work` while no other process of this machine holds the same lock; waits for its turn.
 * The lock is a socket in Linux's abstract namespace: the kernel takes it away with its process, however that ends.
 * Other systems have no such sockets; there, only atomic renames protect what is written.
 */
export async function withLock<T>(
  name: string,
  work: () => Promise<T>,
  onWait: () => void = () => undefined,
): Promise<T> {
  if (process.platform !== 'linux') return work();
  let told = false;
  const release = await until(
    `the lock ${name}`,
    async () => {
      const release = await acquire(`\0airfield-${userInfo().uid}-${name}`);
      if (!release && !told) {
        told = true;
        onWait();
      }
      return release;
    },
    3_600_000,
  );
  try {
    return await work();
  } finally {
    await release?.();
  }
}

function acquire(path: string): Promise<(() => Promise<void>) | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<(() => Promise<void>) | undefined>();
  const server = createServer();
  server.on('error', (error: NodeJS.ErrnoException) =>
    error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
  );
  server.listen(path, () => resolve(() => new Promise((closed) => server.close(() => closed()))));
  return promise;
}
