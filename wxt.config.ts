import preact from '@preact/preset-vite'
import { defineConfig } from 'wxt'

/**
 * Nothing but its own code runs in the extension's pages. Relays are not known beforehand, so connections are open; styles
 * may be made at run time, as xterm.js does, and WebAssembly compiled, which Argon2id needs.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  'media-src blob:',
  "font-src 'self'",
  'connect-src https: wss: http: ws:',
  "worker-src 'self'",
  // Downloads begin in a frame that nobody sees.
  "frame-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Builds `dist/extension/chrome-mv3` and `dist/extension/firefox-mv3`, and the zips that stores take. */
export default defineConfig({
  srcDir: 'extension',
  publicDir: 'extension/public',
  outDir: 'dist/extension',
  imports: false,
  manifestVersion: 3,
  zip: { artifactTemplate: 'fairlead-{{version}}-{{browser}}.zip', zipSources: false },
  vite: () => ({ plugins: [preact()], build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } } }),
  manifest: ({ browser }) => ({
    name: 'Fairlead',
    description: 'An SSH terminal and SFTP client in the browser.',
    action: { default_title: 'Open Fairlead' },
    // Asked for one relay at a time, when a person adds it.
    optional_host_permissions: ['https://*/*', 'http://*/*'],
    content_security_policy: { extension_pages: contentSecurityPolicy },
    ...(browser === 'firefox'
      ? {
          browser_specific_settings: {
            gecko: {
              id: 'fairlead@fairlead.dev',
              strict_min_version: '140.0',
              data_collection_permissions: { required: ['none'] },
            },
          },
        }
      : { minimum_chrome_version: '123' }),
  }),
})
