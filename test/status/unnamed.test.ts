import { describe, expect, it } from 'vitest';
import { unnamedPlaces } from '../../src/status/unnamed.ts';
import { anApp } from '../desired/app-fixture.ts';

const on = { dnsRewrite: true };
const long = (length: number) => 'x'.repeat(length);

describe('names that are too long for `.internal`', () => {
  it('are told with their field', () => {
    expect(unnamedPlaces(anApp({}, long(54)), on)).toEqual([
      {
        field: 'metadata.name',
        instead: expect.stringContaining(`<group>.process.${long(54)}.internal`),
        isFinal: true,
      },
    ]);
    const app = anApp({ processes: [{ name: long(56) }, { name: 'web', regions: [{ name: long(57), count: 1 }] }] });
    expect(unnamedPlaces(app, on).map(({ field }) => field)).toEqual([
      'spec.processes[].name',
      'spec.primaryRegion, spec.processes[].regions',
    ]);
  });

  it('are none where all fit, or where the cluster has no such names', () => {
    const fits = anApp({ primaryRegion: long(56), processes: [{ name: long(55) }] }, long(53));
    expect(unnamedPlaces(fits, on)).toEqual([]);
    expect(unnamedPlaces(anApp({}, long(54)), { dnsRewrite: false })).toEqual([]);
  });
});
