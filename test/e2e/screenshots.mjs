import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'

// Node 20 runs no TypeScript; Vite, which is here anyway, does.
const server = await createServer({
  configFile: false,
  root: fileURLToPath(new URL('../..', import.meta.url)),
  appType: 'custom',
  server: { middlewareMode: true, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
  // Its package names a module that it does not have, so Vite would take its CommonJS for one.
  ssr: { external: ['@xterm/headless'] },
})
try {
  const { takePictures } = await server.ssrLoadModule('/test/e2e/screens.ts')
  await takePictures(process.argv.slice(2))
} finally {
  await server.close()
}
