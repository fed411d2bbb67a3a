import { createServer } from 'node:net';

/**
 * Ports that nobody is given who connects somewhere: the system takes those from 32,768 on,
 * https://docs.kernel.org/networking/ip-sysctl.html (`ip_local_port_range`). A port that is free stays free until it is used.
 */
const [first, last] = [10_240, 32_767];
/** Processes that run side by side begin at different places, and none gives out a port twice before it has come round. */
let next = first + Math.floor(Math.random() * (last - first));

/** Different free ports on loopback, one after the other where that many are. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const port = next;
    next = port === last ? first : port + 1;
    if (await isFree(port)) found.push(port);
  }
  return found;
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isBound = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
  });
  if (isBound) await new Promise((resolve) => server.close(resolve));
  return isBound;
}
