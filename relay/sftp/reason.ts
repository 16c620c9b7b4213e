import { type FailureCode, Refusal } from '../../shared/failure.ts'
import { parentPath } from '../../shared/fileInfo.ts'
import { extension, type SftpClient } from './sftpClient.ts'

/** What may be behind a FAILURE, which is all that SFTP 3 says of most that can go wrong. */
export interface Doubt {
  /** There must be nothing at this path. */
  taken?: string
  /** This directory must be empty. */
  full?: string
  /** Something is written here: space and a file system that can be written are needed. */
  written?: string
}

/** Runs a request; where the server says no more than that it failed, looks for the reason. @throws Refusal */
export async function withReason<T>(client: SftpClient, doubt: Doubt, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal) || !(error.code === 'sftp-failure' || error.code === 'permission-denied'))
      throw error
    const code = await reasonOf(client, doubt, error.code === 'sftp-failure').catch(() => undefined)
    throw code ? new Refusal(code, { phase: 'files', said: error.said }) : error
  }
}

async function reasonOf(client: SftpClient, doubt: Doubt, unclear: boolean): Promise<FailureCode | undefined> {
  const { taken, full, written } = doubt
  if (unclear && taken !== undefined && (await client.find(taken))) return 'file-exists'
  if (unclear && full !== undefined && (await isFull(client, full))) return 'not-empty'
  if (written === undefined || !client.extensions.has(extension.statvfs)) return undefined
  const space = await client.statvfs(written).catch(() => client.statvfs(parentPath(written)))
  if (space.readOnly) return 'read-only'
  return unclear && (space.available === 0 || (space.files > 0 && space.filesAvailable === 0)) ? 'no-space' : undefined
}

async function isFull(client: SftpClient, path: string): Promise<boolean> {
  const handle = await client.opendir(path)
  try {
    for (let entries = await client.readdir(handle); entries; entries = await client.readdir(handle))
      if (entries.some(({ name }) => !/^\.\.?$/.test(name.toString('latin1')))) return true
    return false
  } finally {
    client.closeHandle(handle).catch(() => undefined)
  }
}
