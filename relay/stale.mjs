import { readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Newest time of change below a path, in milliseconds; 0 where there is nothing. */
function newest(path) {
  const found = statSync(root + path, { throwIfNoEntry: false })
  if (!found) return 0
  if (!found.isDirectory()) return found.mtimeMs
  return readdirSync(root + path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((latest, entry) => Math.max(latest, statSync(`${entry.parentPath}/${entry.name}`).mtimeMs), 0)
}

const common = ['shared', 'package.json', 'package-lock.json']

/** What `npm start` needs: what to build, from which sources, and the file that says that it is built. */
const parts = [
  { config: 'relay/vite.config.ts', sources: ['relay', ...common], output: 'dist/relay/main.js' },
  { config: 'pwa/vite.config.ts', root: 'pwa', sources: ['pwa', ...common], output: 'dist/pwa/index.html' },
]

/** The parts whose build is missing or older than a source; none in an installed package, which has no sources. */
export const stale = () =>
  parts.filter(({ sources, config, output }) => newest(config) > 0 && Math.max(...sources.map(newest)) > newest(output))

/** Where the repository lies, with a slash at its end. */
export { root }
