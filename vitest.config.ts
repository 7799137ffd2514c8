import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    // Many tests wait for other programs: the processor is free meanwhile.
    maxWorkers: Math.max(2, availableParallelism()),
    // A machine that stalls is no fault of the code; what is broken fails every time.
    retry: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
