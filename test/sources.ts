import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A source file: its path from the top of the repository, and its text. */
export interface Source {
  path: string
  text: string
}

/** Every TypeScript file below these directories. */
export function sources(...directories: string[]): Source[] {
  return directories.flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .sort()
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
  )
}

/** What a file imports: paths from the top of the repository for what is relative, else the name as it stands. */
export function importsOf({ path, text }: Source): string[] {
  const statements = text.matchAll(
    /^\s*(?:import|export)\b[^'";(]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
  )
  return [...statements].map(([, from, bare, lazy]) => {
    const name = from ?? bare ?? lazy ?? ''
    return name.startsWith('.') ? relative('.', join(dirname(path), name)) : name
  })
}
