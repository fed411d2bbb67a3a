import { connect, type Socket } from 'node:net';
import { type Clock, sleep, systemClock } from '../kube/clock.ts';

export interface DialOptions {
  readonly clock?: Clock;
  /** Ends it; it then resolves with false. */
  readonly signal: AbortSignal;
}

/**
 * How long to wait before the next attempt, in milliseconds: what starts fast is seen fast, what takes minutes costs
 * little.
 */
export function pause(sinceMs: number): number {
  if (sinceMs < 5_000) return 25;
  return sinceMs < 60_000 ? 50 : 250;
}

/** An attempt may take a long way: one that is not answered goes on beside those that follow it. */
const attemptMs = 2000;

/**
 * Resolves with true as soon as a port accepts a connection. A machine that has no address yet answers nothing at all, and
 * one that is far answers late, so attempts begin at their times whatever became of those before.
 */
export async function dial(
  address: string,
  port: number,
  { clock = systemClock, signal }: DialOptions,
): Promise<boolean> {
  const underWay = new Set<Socket>();
  const accepted = new AbortController();
  const began = clock.monotonic();
  const end = () => accepted.abort();
  signal.addEventListener('abort', end, { once: true });
  let isAccepted = false;
  while (!accepted.signal.aborted && !signal.aborted) {
    attempt(address, port, underWay, () => {
      isAccepted = true;
      end();
    });
    await sleep(clock, pause(clock.monotonic() - began), accepted.signal);
  }
  signal.removeEventListener('abort', end);
  for (const socket of underWay) socket.destroy();
  return isAccepted && !signal.aborted;
}

function attempt(host: string, port: number, underWay: Set<Socket>, onAccepted: () => void): void {
  const socket = connect({ host, port });
  underWay.add(socket);
  socket.setTimeout(attemptMs, () => socket.destroy());
  socket.once('connect', () => {
    socket.destroy();
    onAccepted();
  });
  socket.on('error', () => {});
  socket.once('close', () => underWay.delete(socket));
}
