import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

/**
 * Tests start programs of Airfield hundreds of times, as users do. Half of what that costs is to compile the same sources
 * again: https://nodejs.org/docs/latest-v24.x/api/module.html#module-compile-cache.
 */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'compiled') };

const onCluster = {
  env,
  globalSetup: 'test/e2e/setup.ts',
  // Tests of one file that run at the same time wait more than they work, too.
  maxConcurrency: 8,
  // Of no importance where all is well: whatever a test waits for may come late on a machine that is slow.
  testTimeout: 600_000,
  hookTimeout: 600_000,
};

// Four projects, one after the other, quickest first. `npm test` runs all of them; `npx vitest run --project unit` is the
// quick loop.
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          env,
          include: ['test/**/*.test.ts'],
          exclude: ['test/api-server/**', 'test/e2e/**'],
          globalSetup: 'test/gate/setup.ts',
          sequence: { groupOrder: 0 },
          // Properties are tried hundreds of times, on machines that may be busy.
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'api',
          env,
          include: ['test/api-server/**/*.test.ts'],
          globalSetup: 'test/api-server/setup.ts',
          sequence: { groupOrder: 1 },
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/e2e/*.test.ts'],
          provide: { shared: true },
          // They wait more than they work: two of them have room on 2 cores.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          ...onCluster,
        },
      },
      {
        test: {
          name: 'cluster-alone',
          include: ['test/e2e/alone/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 3 },
          ...onCluster,
        },
      },
    ],
  },
});
