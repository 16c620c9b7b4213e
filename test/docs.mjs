#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'

// Node 20 cannot read TypeScript by itself; Vite, which builds everything else here, can.
const vite = await createServer({
  root: fileURLToPath(new URL('..', import.meta.url)),
  configFile: false,
  server: { middlewareMode: true, hmr: false, ws: false },
  optimizeDeps: { noDiscovery: true },
  appType: 'custom',
})
const { writeProtocolDocument } = await vite.ssrLoadModule('/test/protocolDoc.ts')
writeProtocolDocument()
await vite.close()
