import { expect, test } from 'vitest'
import { clientEventNames, serverEventNames } from '../shared/protocol.ts'
import { importsOf, type Source, sources } from './sources.ts'

const rooms = [
  'pwa/ui/mount.tsx',
  'shared',
  'relay',
  'pwa/store',
  'pwa/model',
  'pwa/terminal',
  'pwa/commands',
  'pwa/ui',
  'pwa/sw',
  'pwa',
  'extension',
]

const bridge = ['pwa/platform.ts', 'pwa/page.ts', 'pwa/app.ts']

/** Room → the rooms and files that it may import besides itself (ARCHITECTURE.md, "Who may import whom"). */
const table: Record<string, string[]> = {
  shared: [],
  relay: ['shared', 'package.json'],
  'pwa/store': ['shared'],
  'pwa/model': ['shared', 'pwa/store', 'pwa/platform.ts'],
  'pwa/terminal': ['shared', 'pwa/store/schema.ts', 'pwa/model'],
  'pwa/commands': ['shared', 'pwa/store/schema.ts', 'pwa/model', ...bridge],
  'pwa/ui': ['shared', 'pwa/store/schema.ts', 'pwa/model', 'pwa/commands', 'pwa/styles', ...bridge],
  // The one place where the parts meet, for page and extension alike.
  'pwa/ui/mount.tsx': [
    'shared',
    'pwa/store',
    'pwa/model',
    'pwa/terminal',
    'pwa/commands',
    'pwa/ui',
    'pwa/styles',
    ...bridge,
  ],
  'pwa/sw': ['shared'],
  pwa: ['shared', 'pwa/store', 'pwa/model', 'pwa/terminal', 'pwa/commands', 'pwa/ui', 'pwa/styles'],
  extension: ['shared', 'pwa/ui/mount.tsx', 'pwa/platform.ts', 'pwa/sw/downloads.ts'],
}

/** Package → where alone it may be imported. */
const homes: [pkg: RegExp, home: RegExp][] = [
  [/^idb$/, /^pwa\/store\//],
  [/^@xterm\/(?!headless|addon-unicode-graphemes)/, /^pwa\/terminal\//],
  [/^@xterm\/(headless|addon-unicode-graphemes)$/, /^(pwa\/terminal|relay)\//],
  [/^@(codemirror|lezer)\//, /^pwa\/ui\/preview\//],
  [/^socket\.io-client$/, /^pwa\/model\/link\.ts$/],
  [/^(socket\.io|ssh2|hono|@hono\/.+|@lydell\/node-pty)$/, /^relay\//],
  [/^(preact|@preact\/(?!signals|preset).*|lucide|@tanstack\/.*)$/, /^pwa\/(ui|main)|^extension\/entrypoints\//],
  [/^workbox-/, /^pwa\/(sw\/|[^/]+\.ts$)/],
  [/^(wxt|#imports)/, /^extension\//],
  [/^node:/, /^relay\/|^pwa\/vite\.config\.ts$/],
  [/^vite/, /vite\.config\.ts$/],
]

const product = sources('shared', 'relay', 'pwa', 'extension')
const roomOf = (path: string) => rooms.find((room) => path === room || path.startsWith(`${room}/`)) ?? path
const isConfig = ({ path }: Source) => path.endsWith('vite.config.ts')

test('a room imports only the rooms that the table gives it', () => {
  const wrong = product.flatMap((source) =>
    importsOf(source)
      .filter((name) => rooms.some((room) => name.startsWith(`${room}/`)) || name === 'package.json')
      .filter((name) => {
        const room = roomOf(source.path)
        const allowed = [room, ...(table[room] ?? [])]
        return !allowed.some(
          (place) => name === place || (name.startsWith(`${place}/`) && (place !== 'pwa' || roomOf(name) === 'pwa')),
        )
      })
      .map((name) => `${source.path} → ${name}`),
  )
  expect(wrong).toEqual([])
})

test('a package is imported only where it is at home, and shared knows valibot alone', () => {
  const wrong = product.flatMap((source) =>
    importsOf(source)
      .filter((name) => homes.some(([pkg, home]) => pkg.test(name) && !home.test(source.path)))
      .map((name) => `${source.path} → ${name}`),
  )
  const foreign = product
    .filter(({ path }) => path.startsWith('shared/'))
    .flatMap((source) => importsOf(source).filter((name) => name !== 'valibot' && !name.startsWith('shared/')))
  expect([...wrong, ...foreign]).toEqual([])
})

test('imports are relative with their extension: no aliases, no barrels', () => {
  const wrong = product.flatMap((source) =>
    importsOf(source)
      .filter(
        (name) =>
          /^[~@#]\/|^\//.test(name) ||
          (/^(shared|relay|pwa|extension)\//.test(name) && !/\.\w+(\?[\w&]+)?$/.test(name)),
      )
      .map((name) => `${source.path} → ${name}`),
  )
  const barrels = product.filter(({ text }) => /^export (\*|\{[^}]*\}) from/m.test(text)).map(({ path }) => path)
  expect([...wrong, ...barrels]).toEqual([])
})

test('A-TOK-02 no id and no secret comes from the clock or from a guessable generator', () => {
  const wrong = product
    .filter((source) => !isConfig(source))
    .flatMap(({ path, text }) =>
      text
        .split('\n')
        .filter(
          (line) =>
            /Math\.random/.test(line) || /\b(\w*[iI]d|token|nonce|epoch|secret)\b\s*[:=][^=,;]*Date\.now/.test(line),
        )
        .map((line) => `${path}: ${line.trim()}`),
    )
  expect(wrong).toEqual([])
})

test('the names of events are declared once: elsewhere a string that looks like one is one', () => {
  const known = new Set<string>([...clientEventNames, ...serverEventNames])
  const written = product
    .filter(({ path }) => /^(relay\/(?!dialects\/)|pwa\/model\/)/.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\b(?:emit|on|send|ask)\(\s*'((?:ssh|sftp|relay|session)-[a-z-]+)'/g)].map(
        ([, name]) => `${path}: ${name}`,
      ),
    )
  expect(written.filter((entry) => !known.has(entry.split(': ')[1] ?? ''))).toEqual([])
  const strangers = product
    .filter(({ path }) => /^(pwa\/(ui|commands|terminal|store)|extension)\//.test(path))
    .flatMap(({ path, text }) =>
      [...known].filter((name) => text.includes(`'${name}'`)).map((name) => `${path}: ${name}`),
    )
  expect(strangers).toEqual([])
})

test('nothing is called manager, service, controller, provider, helper or util', () => {
  const wrong = [...product, ...sources('test')].map(({ path }) => path)
  expect(wrong.filter((path) => /(manager|service|controller|provider|helper|utils?)\.tsx?$/i.test(path))).toEqual([])
})

test('the reader of imports sees every way to import', () => {
  const text = [
    "import a from './a.ts'",
    "import './b.css'",
    "import {\n  c,\n  type d,\n} from '../c.ts'",
    "export { e } from './e.ts'",
    "const f = await import('./f.ts')",
    "import type { G } from 'g'",
  ].join('\n')
  expect(importsOf({ path: 'x/y/z.ts', text })).toEqual([
    'x/y/a.ts',
    'x/y/b.css',
    'x/c.ts',
    'x/y/e.ts',
    'x/y/f.ts',
    'g',
  ])
})
