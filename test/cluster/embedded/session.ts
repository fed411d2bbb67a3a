import { type Daemon, isAlive } from '../daemon.ts';
import { Fatal, run, until } from '../exec.ts';
import type { Progress } from '../progress.ts';
import { type Paths, type Programs, pathsOf } from './components.ts';
import type { StoragePrograms } from './csi.ts';
import { inside, type Machine, startInside } from './machine.ts';
import { type NodePlan, planNodes } from './plan.ts';
import { logTail, writeState } from './state.ts';

/** A cluster while it comes up: what was started so far is written down before anything else is. */
export class Session {
  readonly name: string;
  readonly plans: [NodePlan, ...NodePlan[]];
  readonly programs: Programs;
  /** Programs of the CSI storage class, where it is wanted. */
  readonly storage: StoragePrograms | undefined;
  readonly progress: Progress;
  readonly paths: Paths;
  readonly machines: Machine[] = [];
  readonly daemons: Daemon[] = [];
  /** Port of the API on this host's loopback, once it is open. */
  port = 0;

  constructor(
    name: string,
    nodes: number,
    programs: Programs,
    storage: StoragePrograms | undefined,
    progress: Progress,
  ) {
    this.name = name;
    this.plans = planNodes(name, nodes);
    this.programs = programs;
    this.storage = storage;
    this.progress = progress;
    this.paths = pathsOf(name);
  }

  /** The machine that the control plane runs in. */
  get first(): Machine {
    const [machine] = this.machines;
    if (!machine) throw new Error('no machine has been started');
    return machine;
  }

  // The certificate that the API server makes for itself names "localhost", not 127.0.0.1.
  get url(): string {
    return `https://localhost:${this.port}`;
  }

  async start(machine: Machine, component: string, argv: readonly string[], ipc = false) {
    const { child, ...daemon } = await startInside(machine, component, argv, ipc);
    const named = { ...daemon, name: `${machine.plan.name}/${component}` };
    this.daemons.push(named);
    await this.save(false);
    return { ...named, child };
  }

  /** Runs a command in every machine; fails where one fails. */
  async everywhere(argv: readonly string[]): Promise<true> {
    for (const machine of this.machines) {
      const [command = '', ...args] = inside(machine, argv);
      await run(command, args);
    }
    return true;
  }

  save(ready: boolean): Promise<void> {
    return writeState(this.name, {
      nodes: this.plans.length,
      apiOnly: false,
      csi: this.storage !== undefined,
      port: this.port,
      ready,
      daemons: this.daemons,
    });
  }

  /** Waits, but not for a process that has ended: then the end of its log is the answer. */
  waitFor(what: string, ready: () => Promise<boolean>, timeout = 120_000): Promise<boolean> {
    return until(
      what,
      async () => {
        for (const daemon of this.daemons) {
          if (!(await isAlive(daemon)))
            throw new Fatal(`${daemon.name} ended, its log is ${daemon.log}:\n${logTail(daemon)}`);
        }
        return ready();
      },
      timeout,
    );
  }
}
