#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'

// What is measured is what people get: a server of Vite makes what is built after it a development build otherwise.
process.env.NODE_ENV = 'production'
// Node 20 cannot read TypeScript by itself; Vite, which builds everything else here, can.
const vite = await createServer({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  configFile: false,
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  // Its package names a module that it does not have, so Vite would take its CommonJS for one.
  ssr: { external: ['@xterm/headless'] },
  appType: 'custom',
})
const { bench } = await vite.ssrLoadModule('/test/bench/bench.ts')
try {
  await bench(process.argv.slice(2))
} finally {
  // Until here, since parts of the app are loaded when they are first needed; it has nothing to do meanwhile.
  await vite.close()
}
