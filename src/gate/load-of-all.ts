import { type Load, parseLoad, showLoad } from './load.ts';
import { processesOf } from './processes.ts';
import { send } from './runtime-socket.ts';

/** Of the process that takes new connections, on its own socket, and of those that end, by the master. */
export async function loadOfAll(master: string, socket: string): Promise<Load> {
  const { ending } = await processesOf(master);
  // One that has ended meanwhile has nothing to do.
  const asked = ending.map((pid) => send(master, [`@!${pid} ${showLoad}`]).catch(() => ''));
  return parseLoad(await Promise.all([send(socket, [showLoad]), ...asked]));
}
