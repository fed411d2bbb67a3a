import { defineConfig } from 'vitest/config';

// Three projects, slowest last. `npm test` runs all of them; `npx vitest run --project unit` is the quick loop.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/api-server/**', 'test/e2e/**'] } },
      {
        test: {
          name: 'api',
          include: ['test/api-server/**/*.test.ts'],
          globalSetup: 'test/api-server/setup.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/e2e/setup.ts',
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
