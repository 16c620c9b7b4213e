import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** A directory for files that come and go: in memory where it can be, since a busy disk takes longer than what is looked at. */
export const inMemory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
