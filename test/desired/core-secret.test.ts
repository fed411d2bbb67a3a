import { describe, expect, it } from 'vitest';
import { coreSecret, type KeptValue, keptIn } from '../../src/desired/core-secret.ts';

const meta = { name: 'hello', namespace: 'acme', uid: 'u', generation: 3 };
const value = (name: string, more: Partial<KeptValue> = {}): KeptValue => ({
  name,
  value: 'dmFsdWU=',
  source: `source of ${name}`,
  digest: `digest of ${name}`,
  ...more,
});

describe('the core Secret of a Secret', () => {
  it('gives back what was put into it', () => {
    const values = [value('A'), value('B', { sealedFor: 'age1x' })];
    expect(keptIn(coreSecret(meta, values))).toEqual({ generation: 3, values });
  });

  it('is the same whatever the order of the values', () => {
    const [a, b] = [value('A'), value('B')];
    expect(JSON.stringify(coreSecret(meta, [b, a]))).toBe(JSON.stringify(coreSecret(meta, [a, b])));
  });

  it('has values under `data` alone', () => {
    const { data, ...rest } = coreSecret(meta, [value('A', { value: 'aHVudGVyMjI=' })]);
    expect(data).toEqual({ A: 'aHVudGVyMjI=' });
    expect(JSON.stringify(rest)).not.toMatch(/aHVudGVyMjI=|hunter22/);
  });

  it('has nothing known where somebody has taken that away, and an empty value for one that is gone', () => {
    const whole = coreSecret(meta, [value('A')]);
    expect(keptIn({ ...whole, metadata: {} })).toBeUndefined();
    expect(keptIn({ ...whole, metadata: { annotations: { 'airfield.dev/values': '{' } } })).toBeUndefined();
    expect(keptIn({ ...whole, metadata: { annotations: { 'airfield.dev/values': 'null' } } })).toBeUndefined();
    expect(keptIn({ ...whole, data: {} })?.values).toEqual([value('A', { value: '' })]);
  });
});
