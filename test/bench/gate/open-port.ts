import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../measure/figures.ts';
import type { Bench } from './bench.ts';

const everyMs = 5;

/** When the machine that comes next accepts a connection, for somebody who dials it as soon as the cluster says where. */
export async function portOpens(bench: Bench, app: string, port: number): Promise<{ at: number; address: string }> {
  const address = await addressOf(bench, app);
  const { promise, resolve } = Promise.withResolvers<number>();
  let isOpen = false;
  void promise.then(() => {
    isOpen = true;
  });
  while (!isOpen) {
    const socket = connect({ host: address, port }, () => resolve(now()) ?? socket.destroy());
    socket.setTimeout(2000, () => socket.destroy()).on('error', () => undefined);
    await Promise.race([promise, sleep(everyMs)]);
  }
  return { at: await promise, address };
}

async function addressOf(bench: Bench, app: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const look = () => {
    const pod = bench.podsOf(app).find(({ metadata }) => !metadata.deletionTimestamp);
    if (pod?.status.podIP) resolve(pod.status.podIP);
  };
  const stop = bench.pods.onChange(look);
  look();
  return promise.finally(stop);
}
