import type { FileInfo } from '../../shared/fileInfo.ts'
import type { Sort } from '../store/schema.ts'

type Compare = (a: FileInfo, b: FileInfo) => number

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
const exact = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
/** Names that differ in nothing but case still have one order. */
const byName: Compare = (a, b) => names.compare(a.name, b.name) || exact(a.name, b.name)

const keys: Record<Sort['by'], Compare> = {
  name: byName,
  size: (a, b) => a.size - b.size,
  modified: (a, b) => a.modifiedAt.getTime() - b.modifiedAt.getTime(),
  accessed: (a, b) => (a.atime ?? 0) - (b.atime ?? 0),
  mode: (a, b) => exact(a.permissions, b.permissions),
  owner: (a, b) => names.compare(a.owner, b.owner),
  group: (a, b) => names.compare(a.group, b.group),
}

/** Entries handled between two places to rest. */
const step = 1024

/** Directories first, then by the key, then by name. */
export function comparing(sort: Sort): Compare {
  const key = keys[sort.by]
  const direction = sort.descending ? -1 : 1
  const rank = (file: FileInfo) => (file.type === 'directory' ? 0 : 1)
  return (a, b) => rank(a) - rank(b) || direction * key(a, b) || byName(a, b)
}

/** Sorts, with places to rest; see `inSlices`. The files are not changed. */
export function* sorting(files: readonly FileInfo[], compare: Compare): Generator<void, FileInfo[]> {
  let runs: FileInfo[][] = []
  for (let at = 0; at < files.length; at += step) {
    if (at) yield
    runs.push(files.slice(at, at + step).sort(compare))
  }
  while (runs.length > 1) {
    const wider: FileInfo[][] = []
    for (let at = 0; at < runs.length; at += 2) {
      const [left = [], right] = runs.slice(at, at + 2)
      wider.push(right ? yield* merging(left, right, compare) : left)
    }
    runs = wider
  }
  return runs[0] ?? []
}

/** One order out of two, with places to rest; among equals the left come first. */
export function* merging(
  left: readonly FileInfo[],
  right: readonly FileInfo[],
  compare: Compare,
): Generator<void, FileInfo[]> {
  const all: FileInfo[] = []
  let [l, r] = [0, 0]
  for (;;) {
    const [a, b] = [left[l], right[r]]
    if (!a || !b) break
    if (compare(a, b) <= 0) {
      all.push(a)
      l++
    } else {
      all.push(b)
      r++
    }
    if (all.length % step === 0) yield
  }
  return all.concat(left.slice(l), right.slice(r))
}

/** What the accepted are, with places to rest. */
export function* choosing(
  files: readonly FileInfo[],
  accept: (file: FileInfo) => boolean,
): Generator<void, readonly FileInfo[]> {
  const chosen: FileInfo[] = []
  for (let at = 0; at < files.length; at++) {
    if (at && at % step === 0) yield
    const file = files[at]
    if (file && accept(file)) chosen.push(file)
  }
  return chosen.length === files.length ? files : chosen
}
