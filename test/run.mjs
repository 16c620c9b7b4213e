#!/usr/bin/env node
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setUp } from './setup.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const report = `${root}test/output/vitest.json`

/** Each of these is one test in the sum; what they print is shown. */
const checks = [
  ['types', 'tsc', '--build'],
  ['format and lint', 'biome', 'ci', '.'],
  ['unused code and dependencies', 'knip'],
  ['build of the relay', 'vite', 'build', '--config', 'relay/vite.config.ts', '--logLevel', 'warn'],
  ['build of the app', 'vite', 'build', 'pwa', '--logLevel', 'warn'],
  ['build of the extension for Chromium', 'wxt', 'zip', '-b', 'chrome'],
  ['build of the extension for Firefox', 'wxt', 'zip', '-b', 'firefox'],
]

const run = (program, args) =>
  spawnSync(`${root}node_modules/.bin/${program}`, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  }).status === 0

let passed = 0
let failed = 0

function count(name, ok, started) {
  if (ok) passed += 1
  else failed += 1
  console.log(`${ok ? '✓' : '✗'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
}

const began = performance.now()
const missing = setUp()
for (const line of missing) console.error(line)
count('what the tests drive is there', missing.length === 0, began)

for (const [name, program, ...args] of checks) {
  const started = performance.now()
  count(name, run(program, args), started)
}

mkdirSync(`${root}test/output`, { recursive: true })
rmSync(report, { force: true })
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
// Whatever a test file did not get to count, such as an error outside of a test, shows in the exit status.
const ok = run('vitest', [
  'run',
  '-c',
  'test/vitest.config.ts',
  ...['unit', 'apart', 'e2e', 'alone'].flatMap((name) => ['--project', name]),
  ...reporters,
  ...process.argv.slice(2),
])
try {
  const { numPassedTests, numFailedTests, numTotalTests } = JSON.parse(readFileSync(report, 'utf8'))
  passed += numPassedTests
  failed += numTotalTests - numPassedTests
  if (!ok && numFailedTests === 0 && numTotalTests === numPassedTests) failed += 1
} catch (error) {
  console.error(`vitest left no report: ${error.message}`)
  failed += 1
}

console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
