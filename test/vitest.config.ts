import preact from '@preact/preset-vite'
import { defineConfig } from 'vitest/config'

const root = new URL('..', import.meta.url).pathname

/** `unit` runs files side by side; `e2e` drives browsers, one file at a time, after the build; `long` is asked for by name. */
export default defineConfig({
  root,
  test: {
    // Most of a test's time is spent waiting for servers and timers.
    maxWorkers: 3,
    projects: [
      {
        root,
        plugins: [preact()],
        test: {
          name: 'unit',
          include: ['test/{shared,relay,pwa,extension}/**/*.test.{ts,tsx}', 'test/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          pool: 'forks',
        },
      },
      {
        root,
        test: {
          name: 'e2e',
          // After the unit tests: browsers want the machine, and the account of the tests, for themselves.
          sequence: { groupOrder: 1 },
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 120_000,
          pool: 'forks',
          fileParallelism: false,
        },
      },
      {
        root,
        test: {
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          testTimeout: 30 * 60_000,
          pool: 'forks',
          fileParallelism: false,
        },
      },
    ],
  },
})
