import { now } from '../measure/figures.ts';
import type { Bench } from './bench.ts';
import type { BenchApp } from './bench-app.ts';
import { firstByte, type Mode, portOf } from './first-byte.ts';
import { portOpens } from './open-port.ts';

/** One wake, in milliseconds of one clock. */
export interface Timed {
  readonly from: number;
  /** When the first byte came, or where nobody asked for one, when the port accepted. */
  readonly at: number;
  /** When the port of the machine accepted a connection of somebody who goes by what the cluster says. */
  readonly acceptedAt: number;
  /** When the program in it began to listen. */
  readonly openAt: number;
}

/** From a request through the Service. Rejects where it is lost. */
export async function throughGate(bench: Bench, app: BenchApp, mode: Mode): Promise<Timed> {
  const from = now();
  const opens = portOpens(bench, app.name, portOf(mode, 'machine'));
  const [answer, { at: acceptedAt }] = await Promise.all([
    firstByte(mode, app.address, portOf(mode, 'service')),
    opens,
  ]);
  return { ...answer, from, acceptedAt };
}

/** The floor: from a change of the scale by hand. */
export async function withoutGate(bench: Bench, app: BenchApp, mode: Mode): Promise<Timed> {
  const from = now();
  const opens = portOpens(bench, app.name, portOf(mode, 'machine'));
  await app.scale(1);
  const { at, address } = await opens;
  const { openAt } = await firstByte(mode, address, portOf(mode, 'machine'));
  return { from, at, acceptedAt: at, openAt };
}
