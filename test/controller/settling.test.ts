import { describe, expect, it } from 'vitest';
import { Settling } from '../../src/controller/settling.ts';

describe('an App that is being edited', () => {
  it('settles half a second after its last change', () => {
    let now = 0;
    const settling = new Settling(() => now);
    expect(settling.leftOf('acme/hello', 'one')).toBe(500);
    now = 400;
    expect(settling.leftOf('acme/hello', 'one')).toBe(100);
    expect(settling.leftOf('acme/hello', 'two')).toBe(500);
    now = 900;
    expect(settling.leftOf('acme/hello', 'two')).toBe(0);
  });

  it('is not held up by another one, nor by what was before it was deleted', () => {
    let now = 0;
    const settling = new Settling(() => now);
    settling.leftOf('acme/hello', 'one');
    now = 300;
    expect(settling.leftOf('acme/other', 'one')).toBe(500);
    expect(settling.leftOf('acme/hello', 'one')).toBe(200);
    settling.forget('acme/hello');
    expect(settling.leftOf('acme/hello', 'one')).toBe(500);
  });
});
