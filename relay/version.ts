import { readFileSync } from 'node:fs'

/** The version in `package.json`, which lies above this file both in the source and in the build. */
export const version = readVersion()

function readVersion(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const found: unknown = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'))
      if (isPackage(found) && found.name === 'fairlead') return found.version
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new Error('package.json is missing')
}

function isPackage(value: unknown): value is { name: string; version: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'version' in value &&
    typeof value.version === 'string'
  )
}
