import { describe, expect, it } from 'vitest';
import { keyUsage } from '../../src/commands/key-usage.ts';

const sealed = '-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n';
const spec = { data: { A: { sealed }, B: { sealed }, C: { value: 'x' }, D: { generate: {} } } };
const told = (name: string, sealedFor?: string) => ({ name, source: 'sealed', digest: 'abc', sealedFor });
const condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Realised',
  message: '',
  lastTransitionTime: '2026-01-02T03:04:05Z',
};
const status = {
  observedGeneration: 3,
  conditions: [condition],
  keys: [told('A', 'new'), told('B', 'new'), told('C')],
};
const secret = (more: object) => ({
  metadata: { name: 'hello', namespace: 'acme', generation: 3 },
  spec,
  status,
  ...more,
});
const hello = (...keys: string[]) => ({ name: 'hello', namespace: 'acme', keys });

describe('the use of sealing keys', () => {
  it('is nothing to tell where all values are sealed for the newest', () => {
    expect(keyUsage([secret({})], 'new')).toEqual({ old: [], unknown: [] });
  });

  it('tells the values that are sealed for another key, by Secret', () => {
    const keys = [told('A', 'old'), told('B', 'older'), told('C')];
    const other = secret({ status: { ...status, keys: [told('A', 'new'), told('B', 'old')] } });
    expect(keyUsage([secret({ status: { ...status, keys } }), other], 'new')).toEqual({
      old: [hello('A', 'B'), hello('B')],
      unknown: [],
    });
  });

  it.each([
    ['there is no status yet', { status: undefined }],
    ['the status is of an earlier spec', { status: { ...status, observedGeneration: 2 } }],
    ['the status is not to be read', { status: { ...status, keys: 'many' } }],
    [
      'a value cannot be had, so that those of before are listed',
      { status: { ...status, conditions: [{ ...condition, status: 'False' }] } },
    ],
  ])('is not known where %s', (_, more) => {
    expect(keyUsage([secret(more)], 'new')).toEqual({ old: [], unknown: [hello('A', 'B')] });
  });

  it('counts values of a Secret that has fields of a newer version', () => {
    const data = { ...spec.data, A: { sealed, newer: 1 }, E: { newest: 'x' } };
    const status = undefined;
    expect(keyUsage([secret({ spec: { ...spec, data }, status })], 'new').unknown).toEqual([hello('A', 'B')]);
  });

  it('is not known of a value that the status does not list', () => {
    expect(keyUsage([secret({ status: { ...status, keys: [told('A', 'old')] } })], 'new')).toEqual({
      old: [hello('A')],
      unknown: [hello('B')],
    });
  });
});
