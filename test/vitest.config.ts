import preact from '@preact/preset-vite'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const root = new URL('..', import.meta.url).pathname

const every = {
  setupFiles: 'test/freshHome.ts',
  pool: 'forks',
  // A second, as it is unless said, is little on a busy machine.
  expect: { poll: { timeout: 15_000 } },
} as const
const unit = { ...every, testTimeout: 30_000, hookTimeout: 30_000 } as const
// Much of the time would go into reading the same modules again for each file.
const together = { isolate: false } as const
const e2e = { ...every, ...together, testTimeout: 120_000, hookTimeout: 120_000 } as const

/** What stalls, cuts and counts time: a busy machine makes another test of it. */
const alone = ['beyondLog', 'cuts', 'life', 'prediction', 'return'].map((name) => `test/e2e/${name}.test.ts`)

/** What puts another module in the place of one, and what measures its process: not beside others in one. */
export const apart = [
  ...['autoLock', 'backup', 'backups', 'relayLogins', 'vault'].map((name) => `test/pwa/model/${name}.test.ts`),
  'test/extension/platform.extension.test.ts',
  'test/relay/hostile.leaks.test.ts',
]

/** What takes longest, in that order: begun last, it would run on when nothing else is left to do. */
const longest = ['e2e/look', 'e2e/upload', 'e2e/vault', 'e2e/page', 'relay/cli', 'relay/auth'].map(
  (name) => `test/${name}.test.ts`,
)

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const first = longest.flatMap((name) => sorted.filter(({ moduleId }) => moduleId.endsWith(name)))
    return [...new Set([...first, ...sorted])]
  }
}

/**
 * `unit` runs files side by side, many in one process, and `apart` each in its own; `e2e` drives browsers after the build,
 * two files side by side, and then `alone` one after the other; `long` is asked for by name.
 */
export default defineConfig({
  root,
  test: {
    // Most of a test's time is spent waiting for servers and timers.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        root,
        plugins: [preact()],
        test: {
          ...unit,
          ...together,
          name: 'unit',
          include: ['test/{shared,relay,pwa,extension}/**/*.test.{ts,tsx}', 'test/*.test.ts'],
          exclude: apart,
        },
      },
      { root, plugins: [preact()], test: { ...unit, name: 'apart', include: apart } },
      {
        root,
        test: {
          ...e2e,
          name: 'e2e',
          // After the unit tests: browsers want the machine for themselves.
          sequence: { groupOrder: 1 },
          include: ['test/e2e/**/*.test.ts'],
          exclude: alone,
          maxWorkers: 2,
        },
      },
      {
        root,
        test: { ...e2e, name: 'alone', sequence: { groupOrder: 2 }, include: alone, fileParallelism: false },
      },
      {
        root,
        test: {
          ...every,
          name: 'long',
          globalSetup: ['test/long/globalSetup.mjs'],
          include: ['test/long/**/*.test.ts'],
          testTimeout: 30 * 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
