import { describe, expect, it } from 'vitest';
import type { AppSpecInput } from '../../src/api/app.ts';
import { environment } from '../../src/desired/environment.ts';
import { aWorkload, settings } from './app-fixture.ts';

const envOf = (spec: Partial<AppSpecInput>) =>
  Object.fromEntries(
    environment(aWorkload(spec), settings).map(({ name, value, valueFrom }) => [
      name,
      value ?? valueFrom?.fieldRef?.fieldPath,
    ]),
  );

describe('the environment of a machine', () => {
  it("is what Fly tells it, and lets the App's own words stand", () => {
    expect(envOf({ primaryRegion: 'iad', env: { LOG: 'debug', PRIMARY_REGION: 'fra' } })).toMatchObject({
      FLY_APP_NAME: 'hello',
      FLY_PROCESS_GROUP: 'app',
      FLY_REGION: 'iad',
      FLY_VM_MEMORY_MB: '256',
      FLY_MACHINE_ID: 'metadata.name',
      FLY_MACHINE_VERSION: "metadata.labels['airfield.dev/release']",
      FLY_PRIVATE_IP: 'status.podIP',
      PRIMARY_REGION: 'iad',
      LOG: 'debug',
    });
    expect(envOf({ env: { PRIMARY_REGION: 'fra' } })).toMatchObject({ PRIMARY_REGION: 'fra', FLY_REGION: 'local' });
  });

  it('names the region that the machine is meant for', () => {
    const processes = [{ name: 'app', regions: [{ name: 'fra', count: 1 }] }];
    expect(envOf({ primaryRegion: 'iad', processes })).toMatchObject({ FLY_REGION: 'fra', PRIMARY_REGION: 'iad' });
  });

  it('keeps `$(NAME)` as it was written, because Fly does not replace it', () => {
    expect(envOf({ env: { A: '$(B) costs $5', C: '$HOME', D: '$$' } })).toMatchObject({
      A: '$$(B) costs $$5',
      C: '$HOME',
      D: '$$$$',
    });
  });
});
