import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { CountsReporter } from './tests/setup/counts-reporter.ts'
import { LongestFirst } from './tests/setup/longest-first.ts'

// Where the program keeps what Node makes of its modules. Test processes hand it on to the threads
// and programs that they start: a worker thread begins in a third of the processor time.
const kept = fileURLToPath(new URL('node_modules/.cache/pinwheel', import.meta.url))
process.env['NODE_COMPILE_CACHE'] ??= kept

const elsewhere = ['node_modules/**', 'dist/**']

/**
 * Five projects: `unit` needs nothing; `process` has whole hosts, real or simulated, and the
 * program itself, which are started, stopped and killed; `data` reads published data sets;
 * `browser` needs a Chromium, `cluster` Dapr, NATS and Neo4j.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', new CountsReporter()],
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: ['tests/setup/keep-type-stripper.ts'],
          include: ['**/*.test.ts'],
          exclude: [
            ...[...elsewhere, 'tests/browser/**', 'tests/cluster/**'],
            ...['**/*.process.test.ts', '**/*.data.test.ts'],
          ],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'process',
          setupFiles: ['tests/setup/keep-type-stripper.ts'],
          include: ['**/*.process.test.ts'],
          exclude: elsewhere,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'data',
          include: ['**/*.data.test.ts'],
          exclude: elsewhere,
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Each has a server that starts and a browser: two at once are late on two cores.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['tests/cluster/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
