import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { type Route, routeSchema } from '../../src/api/route.ts';
import type { Certificate } from '../../src/gate/certificates.ts';
import type { ColdStart } from '../../src/gate/cold-starts.ts';
import { DataPlane } from '../../src/gate/data-plane.ts';
import type { Machine } from '../../src/gate/machine.ts';
import { routeName } from '../../src/gate/route-name.ts';
import type { GateSettings } from '../../src/gate/settings.ts';
import { freePort } from '../cluster/free-ports.ts';
import { ensureHaproxy } from './haproxy-installed.ts';

/** Waits until what is read is as it is expected to be. */
export const until = <T>(read: () => T) => expect.poll(read, { timeout: 60_000, interval: 10 });

/** A route with a port of its own. */
export type PortRoute = Route & { readonly listenPort: number };

/** A route on a port that is free, as its JSON would be read. */
export async function route(fields: object = {}): Promise<PortRoute> {
  const needed = {
    namespace: 'acme',
    app: 'web',
    port: 80,
    internalPort: await freePort(),
    mode: 'http',
    listenPort: await freePort(),
  };
  return routeSchema.parse({ ...needed, ...fields }) as PortRoute;
}

/** A route of an App that is served at the edge alone. */
export const hosted = async (app: string, fields: object = {}): Promise<Route> =>
  routeSchema.parse({
    namespace: 'acme',
    app,
    port: 80,
    internalPort: await freePort(),
    mode: 'http',
    hosts: [`${app}.example`],
    ...fields,
  });

export interface TestGate {
  readonly plane: DataPlane;
  /** Names of routes, in the order in which machines were asked for. */
  readonly wakes: string[];
  readonly coldStarts: ColdStart[];
  readonly problems: string[];
  readonly lines: string[];
  /** The machines of a route are servers on these ports' address. */
  serve(route: Route, ...machines: (Partial<Machine> & { name: string })[]): void;
}

/** A gate with a real HAProxy, which ends with its test. */
export async function gate(
  routes: readonly Route[],
  settings: Partial<GateSettings> = {},
  certificates: readonly Certificate[] = [],
): Promise<TestGate> {
  await ensureHaproxy();
  const directory = mkdtempSync(join(tmpdir(), 'gate-'));
  const seen = {
    wakes: [] as string[],
    coldStarts: [] as ColdStart[],
    problems: [] as string[],
    lines: [] as string[],
  };
  const plane = new DataPlane(
    { directory, region: 'fra', addresses: ['127.0.0.1'], maxConnections: 1000, reloadEveryMs: 100, ...settings },
    {
      onWake: (name) => seen.wakes.push(name),
      onColdStart: (coldStart) => seen.coldStarts.push(coldStart),
      onProblem: (problem) => seen.problems.push(problem),
      onLine: (line) => seen.lines.push(line),
    },
  );
  onTestFinished(async () => {
    await plane.stop(50);
    rmSync(directory, { recursive: true });
  });
  await plane.start(routes, certificates);
  const serve: TestGate['serve'] = (served, ...machines) =>
    plane.setMachines(
      routeName(served),
      machines.map((machine) => ({ address: '127.0.0.1', ready: true, leaving: false, ...machine })),
    );
  return { plane, ...seen, serve };
}
