import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MachineState, machineStates } from '../../src/api/machine-status.ts';
import { isEdge, machineEdges, nextState } from '../../src/status/machine-states.ts';

const aState = fc.constantFrom(...machineStates);

describe('the states of a Machine', () => {
  it('lead to one another only by edges, whatever state is asked for', () => {
    fc.assert(
      fc.property(aState, aState, (from, to) => {
        let state = from;
        for (let step = 0; step < machineStates.length; step += 1) {
          const next = nextState(state, to);
          if (next !== state) expect(isEdge(state, next)).toBe(true);
          state = next;
        }
        expect(nextState(state, to)).toBe(state);
      }),
    );
  });

  it.each<[MachineState, MachineState]>([
    ['created', 'started'],
    ['failed', 'started'],
    ['stopped', 'destroyed'],
    ['starting', 'stopped'],
    ['replacing', 'failed'],
    ['suspended', 'started'],
  ])('lead from %s to %s', (from, to) => {
    let state = from;
    while (state !== to && nextState(state, to) !== state) state = nextState(state, to);
    expect(state).toBe(to);
  });

  it('show that a program which ended at once was started', () => {
    expect(nextState('starting', 'stopped')).toBe('started');
  });

  it('never stop or replace on the way to something else', () => {
    const passed = machineStates.flatMap((from) =>
      machineStates.map((to) => ({ to, next: nextState(from, to), from })),
    );
    const wrong = passed.filter(({ to, next, from }) => next !== from && next !== to && /stopp|replac|susp/.test(next));
    expect(wrong).toEqual([]);
  });

  it('end in destroyed, which every other state can come to', () => {
    expect(machineEdges.destroyed).toEqual([]);
    const others = machineStates.filter((state) => state !== 'destroyed');
    expect(others.filter((state) => nextState(state, 'destroyed') === state)).toEqual([]);
  });
});
