import { defineConfig } from 'vitest/config';

const onCluster = {
  globalSetup: 'test/e2e/setup.ts',
  // Tests of one file that run at the same time wait more than they work, too.
  maxConcurrency: 8,
  testTimeout: 180_000,
  hookTimeout: 180_000,
};

// Four projects, one after the other, quickest first. `npm test` runs all of them; `npx vitest run --project unit` is the
// quick loop.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/api-server/**', 'test/e2e/**'],
          globalSetup: 'test/gate/setup.ts',
          sequence: { groupOrder: 0 },
          // Properties are tried hundreds of times, on machines that may be busy.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'api',
          include: ['test/api-server/**/*.test.ts'],
          globalSetup: 'test/api-server/setup.ts',
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
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
