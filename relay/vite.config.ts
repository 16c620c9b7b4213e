import { chmod } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Builds `dist/relay/main.js`. Packages stay outside; the built-in host is a chunk that loads only with `--host`. */
export default defineConfig({
  root,
  publicDir: false,
  build: {
    ssr: 'relay/main.ts',
    outDir: 'dist/relay',
    emptyOutDir: true,
    target: 'node20',
    sourcemap: true,
    minify: false,
    rolldownOptions: { output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' } },
  },
  plugins: [
    {
      name: 'executable',
      writeBundle: () => chmod(`${root}dist/relay/main.js`, 0o755),
    },
  ],
})
