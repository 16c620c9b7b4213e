import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

/** Newest change of what the extension is built from. */
function newestSource(): number {
  const files = ['extension', 'pwa', 'shared'].flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()),
  )
  return Math.max(...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs))
}

describe.each(['chrome', 'firefox'] as const)('E-EXT-01 the extension for %s', (browser) => {
  const folder = join(root, `dist/extension/${browser}-mv3`)
  let manifest: Record<string, unknown>
  let files: string[]

  beforeAll(() => {
    const built = statSync(join(folder, 'manifest.json'), { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (built < newestSource())
      execFileSync(join(root, 'node_modules/.bin/wxt'), ['build', '-b', browser], { cwd: root })
    manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
    files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  }, 60_000)

  const text = (name: string) => readFileSync(join(folder, name), 'utf8')

  test('asks for nothing but what is documented', () => {
    expect(manifest.permissions ?? []).toEqual(browser === 'chrome' ? ['sidePanel'] : [])
    expect(manifest.optional_host_permissions).toEqual(['https://*/*', 'http://*/*'])
    for (const name of ['host_permissions', 'optional_permissions', 'web_accessible_resources', 'content_scripts']) {
      expect(manifest, name).not.toHaveProperty(name)
    }
    for (const name of ['externally_connectable', 'update_url', 'key']) expect(manifest, name).not.toHaveProperty(name)
  })

  test('lets only its own code run', () => {
    const policy = (manifest.content_security_policy as { extension_pages: string }).extension_pages
    const directives = new Map(policy.split('; ').map((directive) => [directive.split(' ')[0], directive]))
    expect(directives.get('default-src')).toBe("default-src 'none'")
    // WebAssembly is compiled for the vault's Argon2id; text never becomes code.
    expect(directives.get('script-src')).toBe("script-src 'self' 'wasm-unsafe-eval'")
    for (const name of ['object-src', 'base-uri', 'form-action', 'frame-ancestors']) {
      expect(directives.get(name)).toBe(`${name} 'none'`)
    }
  })

  test('has no code that is made at run time, and none that comes from elsewhere', () => {
    const scripts = files.filter((name) => name.endsWith('.js'))
    expect(scripts.length).toBeGreaterThan(2)
    for (const name of scripts) {
      const code = text(name)
      expect(code.match(/\beval\(|\bnew Function\(|\bimportScripts\(/g), name).toBeNull()
      expect(code.match(/(?:import\(|from\s?|src\s?=\s?)["'`](?:https?:)?\/\//g), name).toBeNull()
    }
    for (const name of files.filter((file) => file.endsWith('.html'))) {
      const [tag, ...others] = text(name).match(/<script\b[^>]*>[^<]*/g) ?? []
      expect(others, name).toEqual([])
      expect(tag, name).toMatch(/^<script type="module" crossorigin src="\/[\w./-]+">\s*$/)
      expect(text(name), name).not.toMatch(/\son\w+=|(?:src|href)="(?:https?:)?\/\//)
    }
    for (const name of files.filter((file) => file.endsWith('.css')))
      expect(text(name), name).not.toMatch(/@import|url\(\s*["']?(?:https?:)?\/\//)
  })

  test('holds the app, the panel and no source maps', () => {
    expect(files).toEqual(expect.arrayContaining(['app.html', 'sidepanel.html', 'background.js', 'icon/128.png']))
    expect(files.filter((name) => /\.(map|ts|tsx)$/.test(name))).toEqual([])
  })

  if (browser === 'firefox') {
    test('says what Firefox asks: its id, that it collects nothing, and that the sidebar waits until it is wanted', () => {
      expect(manifest.browser_specific_settings).toMatchObject({
        gecko: { id: 'fairlead@fairlead.dev', data_collection_permissions: { required: ['none'] } },
      })
      expect(manifest.sidebar_action).toMatchObject({ default_panel: 'sidepanel.html', open_at_install: false })
    })
  } else {
    test('has the side panel of Chromium', () =>
      expect(manifest.side_panel).toEqual({ default_path: 'sidepanel.html' }))
  }
})

test.each(['chrome', 'firefox'])(
  'the zip for %s is built with no network at all',
  (browser) => {
    const start = Date.now()
    // A network namespace of its own holds nothing, not even loopback.
    const alone = ['--net', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])]
    execFileSync('unshare', [...alone, join(root, 'node_modules/.bin/wxt'), 'zip', '-b', browser], { cwd: root })
    const zip = statSync(join(root, `dist/extension/fairlead-${version}-${browser}.zip`))
    expect(zip.mtimeMs).toBeGreaterThanOrEqual(start - 1000)
    expect(zip.size).toBeGreaterThan(100_000)
  },
  60_000,
)
