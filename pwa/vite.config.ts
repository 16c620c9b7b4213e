import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import preact from '@preact/preset-vite'
import { defineConfig, type Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

const outDir = new URL('../dist/pwa/', import.meta.url).pathname
const compressible = /\.(?:js|css|html|svg|json|webmanifest|txt)$/

/** Writes `.br` and `.gz` beside each file that shrinks, after the service worker has been written. */
function precompress(): Plugin {
  let written = outDir
  return {
    name: 'precompress',
    apply: 'build',
    configResolved(config) {
      written = resolve(config.root, config.build.outDir)
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        const entries = await readdir(written, { recursive: true, withFileTypes: true })
        const files = entries.filter((entry) => entry.isFile() && compressible.test(entry.name))
        await Promise.all(
          files.map(async (entry) => {
            const path = join(entry.parentPath, entry.name)
            const content = await readFile(path)
            const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }
            await writeFile(`${path}.br`, await promisify(brotliCompress)(content, quality))
            await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }))
          }),
        )
      },
    },
  }
}

/** Modules that a language of the editor is made of, and nothing else is. */
const language =
  /node_modules\/(?:@codemirror\/(?:lang-|legacy-modes|autocomplete|lint)|@lezer\/(?!common|highlight|lr\/))/

const relay = process.env.FAIRLEAD_RELAY ?? 'http://127.0.0.1:8022'

/** The app as a page: `vite build pwa` writes `dist/pwa`, `vite pwa` serves it with the relay of this machine behind it. */
export default defineConfig({
  root: new URL('.', import.meta.url).pathname,
  plugins: [
    preact(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'sw',
      filename: 'sw.ts',
      registerType: 'prompt',
      injectRegister: null,
      injectManifest: {
        globPatterns: ['**/*.{js,css,html,svg}', 'icon-192.png'],
        // Text can be read without colours: a language is fetched when one is looked at.
        globIgnores: ['assets/languages/**'],
      },
      manifest: {
        id: '/',
        name: 'Fairlead',
        short_name: 'Fairlead',
        description: 'An SSH terminal and SFTP client in the browser.',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        display_override: ['window-controls-overlay', 'standalone'],
        background_color: '#0a0f13',
        theme_color: '#0e1317',
        categories: ['developer', 'utilities'],
        icons: [
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' },
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
        shortcuts: [{ name: 'New tab', url: '/', icons: [{ src: '/icon-192.png', sizes: '192x192' }] }],
        protocol_handlers: ['web+ssh', 'ssh', 'sftp'].map((protocol) => ({ protocol, url: '/open#target=%s' })),
        launch_handler: { client_mode: 'focus-existing' },
        share_target: {
          action: '/share',
          method: 'POST',
          enctype: 'multipart/form-data',
          params: { files: [{ name: 'files', accept: ['*/*'] }] },
        },
      },
    }),
    precompress(),
  ],
  build: {
    outDir,
    emptyOutDir: true,
    target: ['chrome123', 'firefox125', 'safari17.5'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: {
      output: {
        // All that the first screen needs comes as one file: each request costs more than what is in it.
        codeSplitting: { groups: [{ name: 'first', test: /\/pwa\/main\.tsx$/ }] },
        chunkFileNames: ({ moduleIds }) =>
          moduleIds.length && moduleIds.every((id) => language.test(id))
            ? 'assets/languages/[name]-[hash].js'
            : 'assets/[name]-[hash].js',
      },
    },
  },
  server: {
    proxy: {
      '/api': relay,
      '/offer': relay,
      '/socket.io': { target: relay, ws: true },
    },
  },
})
