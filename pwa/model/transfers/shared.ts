import * as v from 'valibot'
import { sourceOf, type Taken } from './taken.ts'
import type { UploadSource } from './uploadSource.ts'

const Id = v.pipe(v.string(), v.uuid())

const List = v.object({
  files: v.pipe(
    v.array(
      v.object({
        name: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)),
        size: v.pipe(v.number(), v.integer(), v.minValue(0)),
        modifiedAt: v.pipe(v.number(), v.finite()),
      }),
    ),
    v.minLength(1),
    v.maxLength(1_000),
  ),
})

/** Files that another app has shared with this one. */
export interface Shared {
  id: string
  files: readonly { name: string; size: number }[]
  /** To be taken once. */
  taken: Taken
}

/** What the service worker keeps under the id of a share; undefined where it is not there, or is no share. */
export async function readShared(id: string): Promise<Shared | undefined> {
  if (!v.is(Id, id)) return undefined
  const answer = await fetch(`/share/${id}`)
  if (!answer.ok) return undefined
  const list = v.safeParse(List, await answer.json().catch(() => undefined))
  if (!list.success) return undefined
  const { files } = list.output
  const names = files.map(({ name }) => sourceOf(new File([], name)).path[0] ?? name)
  return { id, files, taken: { names, sources: fetched(id, files) } }
}

/** Has the service worker forget a share. */
export async function dropShared(id: string): Promise<void> {
  if (v.is(Id, id)) await fetch(`/share/${id}`, { method: 'DELETE' })
}

async function* fetched(
  id: string,
  files: readonly { name: string; size: number; modifiedAt: number }[],
): AsyncGenerator<UploadSource, void, undefined> {
  for (const [number, { name, modifiedAt }] of files.entries()) {
    const blob = await (await fetch(`/share/${id}/${number}`)).blob()
    yield sourceOf(new File([blob], name, { lastModified: modifiedAt }))
  }
}
