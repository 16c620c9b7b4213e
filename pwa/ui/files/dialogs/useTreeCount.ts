import { useEffect, useState } from 'preact/hooks'
import type { FileInfo } from '../../../../shared/fileInfo.ts'
import { type AppFailure, failureOf } from '../../../model/failure.ts'
import { type Count, countTree, nothing } from '../../../model/files/countTree.ts'
import type { TabView } from '../../../model/tabs.ts'

/** Milliseconds between two counts that are shown. */
const SHOW_MS = 100

/** What trees come to, while it is counted and after. */
export interface TreeCount {
  count: Count
  state: 'counting' | 'done' | 'stopped'
  /** Folders that could not be looked into. */
  unread: number
  failure: AppFailure | undefined
  stop(): void
}

/** Counts all that is in files and folders as long as it is shown, or until it is stopped. */
export function useTreeCount(tab: TabView, files: readonly FileInfo[]): TreeCount {
  const [stopping] = useState(() => new AbortController())
  const [shown, show] = useState<Omit<TreeCount, 'stop'>>({
    count: nothing,
    state: 'counting',
    unread: 0,
    failure: undefined,
  })
  useEffect(() => {
    const { signal } = stopping
    let [count, unread, there] = [nothing, 0, true]
    const timer = setInterval(() => show((old) => ({ ...old, count, unread })), SHOW_MS)
    const end = (failure?: AppFailure) => {
      clearInterval(timer)
      if (there) show({ count, unread, state: signal.aborted ? 'stopped' : 'done', failure })
    }
    const counted = (now: Count) => {
      count = now
    }
    const problem = () => {
      unread++
    }
    countTree(tab.sftp, files, counted, { signal, problem }).then(
      () => end(),
      (error) => end(failureOf(error)),
    )
    return () => {
      there = false
      stopping.abort()
      clearInterval(timer)
    }
  }, [])
  return { ...shown, stop: () => stopping.abort() }
}
