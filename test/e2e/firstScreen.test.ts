import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

const app = fileURLToPath(new URL('../../dist/pwa', import.meta.url))
/** Bytes of scripts and style sheets, compressed by gzip, before which nothing is on the screen. */
const BOUND = 130_000

test('the first screen is one script beside its loader and one style sheet, and small', async () => {
  const html = await readFile(`${app}/index.html`, 'utf8')
  const named = (pattern: RegExp) => [...html.matchAll(pattern)].map(([, name]) => name as string)
  const scripts = named(/<script [^>]*src="([^"]+)"/g)
  const styles = named(/<link rel="stylesheet"[^>]* href="([^"]+)"/g)
  expect(scripts.map((name) => name.replace(/-[\w-]{8}\.js$/, ''))).toEqual([
    '/assets/rolldown-runtime',
    '/assets/first',
  ])
  expect(styles).toHaveLength(1)
  expect(named(/<link rel="(modulepreload)"/g)).toEqual([])

  const texts = await Promise.all([...scripts, ...styles].map((name) => readFile(`${app}${name}`, 'utf8')))
  const imported = texts.flatMap((text) => [...text.matchAll(/(?:^|;)import(?:[^("'`]*from)?"\.\/([^"]+)"/gm)])
  expect([...new Set(imported.map(([, name]) => `/assets/${name}`))]).toEqual(scripts.slice(0, 1))
  const bytes = texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0)
  expect(bytes).toBeLessThan(BOUND)
  expect(bytes).toBeGreaterThan(BOUND / 2)
})
