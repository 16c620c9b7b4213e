#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, createServer } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const port = 8023
const page = 'http://127.0.0.1:5173'

// The app's server passes /api, /offer and /socket.io on to there.
process.env.FAIRLEAD_RELAY = `http://127.0.0.1:${port}`
const app = await createServer({
  root: `${root}pwa`,
  configFile: `${root}pwa/vite.config.ts`,
  server: { host: '127.0.0.1', port: 5173, strictPort: true },
})

let relay
let last = Promise.resolve()

/** Ends the relay that runs and starts the one just built. Its launch URL leads to the app that Vite serves. */
function restart() {
  last = last.then(async () => {
    if (relay?.exitCode === null) {
      const ended = new Promise((resolve) => relay.once('exit', resolve))
      relay.kill('SIGTERM')
      relay.kill('SIGTERM')
      await ended
    }
    if (!existsSync(`${root}dist/relay/main.js`)) return
    const args = [
      `${root}dist/relay/main.js`,
      '--host',
      '--port',
      String(port),
      '--allow-origin',
      page,
      ...process.argv.slice(2),
    ]
    relay = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    relay.stdout.on('data', (chunk) => process.stdout.write(String(chunk).replace(/^https?:\/\/[^/\s]+/gm, page)))
  })
}

const watcher = await build({ configFile: `${root}relay/vite.config.ts`, logLevel: 'warn', build: { watch: {} } })
watcher.on('event', (event) => {
  if (event.code === 'END') restart()
  if (event.code === 'BUNDLE_END') void event.result.close()
})
await app.listen()

async function end() {
  // The second signal ends a relay that still drains.
  relay?.kill('SIGTERM')
  relay?.kill('SIGTERM')
  await watcher.close()
  await app.close()
  process.exit(0)
}
process.on('SIGINT', end)
process.on('SIGTERM', end)
