#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'

// Node 20 cannot read TypeScript by itself; Vite, which builds everything else here, can.
const vite = await createServer({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  configFile: false,
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  appType: 'custom',
})
const { bench } = await vite.ssrLoadModule('/test/bench/bench.ts')
// Nothing but what is measured runs from here on.
await vite.close()
await bench(process.argv.slice(2))
