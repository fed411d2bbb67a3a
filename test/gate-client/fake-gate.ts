import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { onTestFinished } from 'vitest';
import type { ToldMachine, ToldRoute } from '../../src/api/gate.ts';
import { answerEndpoints } from '../../src/gate/endpoints.ts';

export const token = 'a-token-of-the-tests';

/** What a gate answers, with a HAProxy that is made up. */
export class FakeGate {
  /** Its one route. */
  readonly route: ToldRoute;
  /** What machines have to do, by their names. */
  readonly loads = new Map<string, Partial<ToldMachine>>();
  held = 0;
  /** Those that get nothing new. */
  readonly drained = new Set<string>();
  /** All drains that were asked for: `web-1 10`. */
  readonly asked: string[] = [];
  looks = 0;
  /** Called before it says what there is to do; that fails where this does. */
  onLook: () => void | Promise<void> = () => {};
  /** Called before a drain is answered. */
  onDrain: (machine: string, seconds: number) => void | Promise<void> = () => {};
  readonly #server: Server;

  private constructor(route: ToldRoute) {
    this.route = route;
    const app = express();
    answerEndpoints(app, {
      token,
      load: async () => {
        this.looks += 1;
        await this.onLook();
        return [{ ...this.route, held: this.held, machines: [...this.loads.keys()].map((name) => this.#told(name)) }];
      },
      drain: (_, machine, seconds) => this.#drain(machine, seconds),
    });
    this.#server = createServer(app);
  }

  static async start(host: string, port: number, route: ToldRoute): Promise<FakeGate> {
    const gate = new FakeGate(route);
    gate.#server.listen(port, host);
    await once(gate.#server, 'listening');
    onTestFinished(() => gate.stop());
    return gate;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #drain(machine: string, seconds: number) {
    this.asked.push(`${machine} ${seconds}`);
    if (seconds > 0) this.drained.add(machine);
    else this.drained.delete(machine);
    await this.onDrain(machine, seconds);
    const { machine: _, ...told } = this.#told(machine);
    return { ...told, held: this.held };
  }

  #told(machine: string): ToldMachine {
    const leaving = this.drained.has(machine);
    return { machine, current: 0, queued: 0, ...this.loads.get(machine), leaving };
  }
}
