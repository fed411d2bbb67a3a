/**
 * A data plane in a process of its own, which tests may kill: told by JSON lines on standard input, and tells by lines on
 * standard output. HAProxy outlives it.
 */
import { createInterface } from 'node:readline';
import type { Route } from '../../src/api/route.ts';
import { DataPlane } from '../../src/gate/data-plane.ts';
import type { Machine } from '../../src/gate/machine.ts';
import type { GateSettings } from '../../src/gate/settings.ts';

export interface PlaneStart {
  readonly settings: GateSettings;
  readonly routes: readonly Route[];
  readonly machines: readonly MachinesOf[];
}

/** The machines of the route of this name. */
export type MachinesOf = readonly [name: string, machines: readonly Machine[]];

/** What it may be asked: to take machines or routes, or to tell who is held. */
export type Asked = { readonly machines: MachinesOf } | { readonly routes: readonly Route[] } | { readonly held: true };

const { settings, routes, machines } = JSON.parse(process.argv[2] ?? '') as PlaneStart;
const plane = new DataPlane(settings, {
  onWake: (name) => console.log(`wake ${name}`),
  onProblem: (problem) => console.log(`problem ${problem}`),
});
const isUp = plane.start(routes);
for (const [name, all] of machines) plane.setMachines(name, all);
createInterface({ input: process.stdin }).on('line', (line) => {
  const asked = JSON.parse(line) as Asked;
  if ('machines' in asked) plane.setMachines(...asked.machines);
  else if ('routes' in asked) void plane.setRoutes(asked.routes).catch(({ message }: Error) => console.log(message));
  else console.log(`held ${[...plane.held()].map(([name, number]) => `${number} ${name}`).sort()}`);
});
process.once('SIGTERM', () => void plane.stop(1000).then(() => process.exit()));
await isUp;
console.log('up');
