import { describe, expect, it } from 'vitest';
import { transition } from '../../src/api/conditions.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));
const ready = (status: 'True' | 'False', reason: string) => ({ type: 'Ready', status, reason, message: reason });

describe('conditions', () => {
  it('keep the time of the last change while only the reason changes', () => {
    const first = transition([], [ready('False', 'Progressing')], { generation: 1, now: at(0) });
    const second = transition(first, [ready('False', 'ImagePullBackOff')], { generation: 2, now: at(30) });
    expect(second).toEqual([
      { ...ready('False', 'ImagePullBackOff'), observedGeneration: 2, lastTransitionTime: '2026-01-01T00:00:00Z' },
    ]);
  });

  it('get a new time when the status changes', () => {
    const first = transition([], [ready('False', 'Progressing')], { generation: 1, now: at(0) });
    const [second] = transition(first, [ready('True', 'Running')], { generation: 1, now: at(30) });
    expect(second?.lastTransitionTime).toBe('2026-01-01T00:00:30Z');
  });

  it('end when they are no longer claimed', () => {
    const first = transition([], [{ ...ready('True', 'x'), type: 'Stalled' }], { generation: 1, now: at(0) });
    expect(transition(first, [], { generation: 1, now: at(1) })).toEqual([]);
  });
});
