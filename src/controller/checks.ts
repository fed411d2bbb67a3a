import { isDeepStrictEqual } from 'node:util';
import type { AskedCheck, MachineCheck } from '../desired/checks.ts';
import { type Clock, systemClock } from '../kube/clock.ts';
import type { Key } from '../kube/types.ts';
import type { Attempt } from '../probe/attempt.ts';
import { probe } from '../probe/probe.ts';
import type { CheckStatus } from '../status/checks.ts';
import { CheckWatch, type WatchOptions } from './check-watch.ts';
import { Slots } from './slots.ts';

export interface ChecksOptions {
  /** Called when something else than what was last told is to be told of an App. */
  readonly onChange: (key: Key) => void;
  /** Machines that are asked at once, over all Apps. */
  readonly limit?: number;
  readonly probe?: Attempt;
  readonly clock?: Clock;
  readonly random?: () => number;
}

interface CheckState {
  readonly check: AskedCheck;
  /** By machine. */
  readonly watches: Map<string, CheckWatch>;
  /** Whether every machine that there was has been asked once: before that nothing can be said. */
  isKnown: boolean;
}

interface AppState {
  checks: CheckState[];
  told: readonly CheckStatus[];
  /** Set while a change waits to be told. */
  cancel: (() => void) | undefined;
}

/** Changes that come within this are told together. */
const settleMs = 1_000;

/**
 * Asks the machines of Apps what their checks want to know; nothing else happens to a machine that fails. It knows of an
 * App from `keep` on, which only the operator that leads calls, and until it is without checks.
 */
export class Checks {
  readonly #options: WatchOptions;
  readonly #onChange: (key: Key) => void;
  readonly #apps = new Map<Key, AppState>();
  #isStopped = false;

  constructor({ onChange, limit = 64, clock = systemClock, random = Math.random, ...options }: ChecksOptions) {
    this.#onChange = onChange;
    this.#options = { probe, ...options, clock, random, slots: new Slots(limit) };
  }

  /** From now on exactly this is asked of the machines of an App. Who is asked already goes on being asked. */
  keep(key: Key, wanted: readonly MachineCheck[]): void {
    const known = this.#apps.get(key);
    if (this.#isStopped || (!known && wanted.length === 0)) return;
    const app: AppState = known ?? { checks: [], told: [], cancel: undefined };
    const before = app.checks;
    app.checks = wanted.map((check) => this.#follow(key, check, before));
    for (const { watches } of before.filter((state) => !app.checks.includes(state))) end(watches.values());
    if (wanted.length > 0) this.#apps.set(key, app);
    else this.#forget(key);
  }

  /** What is to be told of an App now; without the checks of which nothing can be said yet. */
  results(key: Key): readonly CheckStatus[] {
    const app = this.#apps.get(key);
    if (!app) return [];
    app.told = resultsOf(app);
    return app.told;
  }

  /** Asks nobody any more, and calls nobody. */
  stop(): void {
    this.#isStopped = true;
    for (const key of this.#apps.keys()) this.#forget(key);
  }

  /** The state of a check: the one that there is, if the check is still the same. */
  #follow(key: Key, { machines, ...check }: MachineCheck, before: readonly CheckState[]): CheckState {
    const same = before.find((state) => isDeepStrictEqual(state.check, check));
    const state = same ?? { check, watches: new Map(), isKnown: false };
    const onChange = () => this.#changed(key);
    const names = new Set(machines.map(identity));
    for (const [name, watch] of state.watches) {
      if (names.has(name)) continue;
      watch.end();
      state.watches.delete(name);
    }
    for (const machine of machines) {
      const watch = state.watches.get(identity(machine));
      if (watch) watch.update(machine);
      else state.watches.set(identity(machine), new CheckWatch(check, machine, this.#options, onChange));
    }
    return state;
  }

  #changed(key: Key): void {
    const app = this.#apps.get(key);
    if (!app || app.cancel || isDeepStrictEqual(resultsOf(app), app.told)) return;
    app.cancel = this.#options.clock.after(settleMs, () => {
      app.cancel = undefined;
      const results = resultsOf(app);
      if (isDeepStrictEqual(results, app.told)) return;
      // Also where nobody asks for the results: an App that cannot be worked on is not tried again for each answer.
      app.told = results;
      this.#onChange(key);
    });
  }

  #forget(key: Key): void {
    const app = this.#apps.get(key);
    app?.cancel?.();
    for (const { watches } of app?.checks ?? []) end(watches.values());
    this.#apps.delete(key);
  }
}

/** A machine of the same name at another address is another one: those of StatefulSets keep their names. */
const identity = ({ name, address }: { name: string; address: string }) => `${name} ${address}`;

function end(watches: Iterable<CheckWatch>): void {
  for (const watch of watches) watch.end();
}

function resultsOf({ checks }: AppState): CheckStatus[] {
  return checks.flatMap((state) => {
    const watches = [...state.watches].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, watch]) => watch);
    state.isKnown ||= watches.every(({ wasAsked }) => wasAsked);
    if (!state.isKnown) return [];
    const outcomes = watches.map(({ outcome }) => outcome).filter((outcome) => outcome !== undefined);
    const failing = outcomes.filter(({ passing }) => !passing);
    const [first] = failing;
    const { length: total } = outcomes;
    return [{ name: state.check.name, passing: total - failing.length, total, ...(first && { output: first.output }) }];
  });
}
