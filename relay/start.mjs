#!/usr/bin/env node
import { spawn, spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { root, stale } from './stale.mjs'

const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js')

for (const part of stale()) {
  process.stderr.write(`Building ${part.output}\n`)
  const args = [vite, 'build', ...(part.root ? [part.root] : []), '--config', part.config, '--logLevel', 'warn']
  // stdout belongs to the launch URL alone.
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(status ?? 1)
}

const relay = spawn(process.execPath, ['dist/relay/main.js', '--host', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
// A terminal sends its signals to the relay as well; a service manager to this process only.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.stdin.isTTY || relay.kill(signal))
relay.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)))
