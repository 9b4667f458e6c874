import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['node_modules/**', 'dist/**', 'tests/browser/**', 'tests/cluster/**'],
        },
      },
      { test: { name: 'browser', include: ['tests/browser/**/*.test.ts'] } },
      { test: { name: 'cluster', include: ['tests/cluster/**/*.test.ts'] } },
    ],
  },
})
