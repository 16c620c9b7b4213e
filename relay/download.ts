import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { contentDisposition } from '../shared/contentDisposition.ts'
import { Refusal } from '../shared/failure.ts'
import type { Log } from './log.ts'
import type { Offers } from './offers.ts'
import { securityHeaders } from './securityHeaders.ts'
import { WholeFile } from './sftp/wholeFile.ts'
import type { Tally } from './tally.ts'

/** What a download needs. */
export interface DownloadOptions {
  offers: Offers
  log: Log
  tally: Tally
  /** ms that a client may take nothing. */
  stallMs: number
}

/** Nothing of a file is ever shown or run as a page. A page of another origin may begin it, since only the id counts. */
const closed = {
  ...securityHeaders,
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Content-Type': 'application/octet-stream',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Accept-Ranges': 'none',
}

/**
 * Answers with the file that is offered under an id, no faster than it is taken. Where it does not come whole the connection
 * breaks: never does a part of it look like all. Resolves when it is over.
 * @param headers of the answer besides
 * @throws Refusal `not-found`, before anything was answered, whatever the reason
 */
export async function download(
  { offers, log, tally, stallMs }: DownloadOptions,
  id: string,
  response: ServerResponse,
  headers: Record<string, string>,
): Promise<void> {
  const offer = await offers.take(id)
  if (!offer) {
    tally.count('downloads', 'unknown')
    throw new Refusal('not-found')
  }
  const { sftp, path, name } = offer
  const begun = performance.now()
  const over = (outcome: string, bytes = 0) => {
    tally.count('downloads', outcome)
    log('download', { session: sftp.id, outcome, bytes, ms: Math.round(performance.now() - begun) })
  }
  const failed = (error: unknown) => (error instanceof Refusal ? error.code : 'broken')
  await sftp
    .lend(async () => {
      const file = await WholeFile.open(sftp.client, sftp.files, path)
      try {
        response.writeHead(200, {
          ...closed,
          ...headers,
          'Content-Disposition': contentDisposition(name),
          'Content-Length': file.size,
        })
        response.setTimeout(stallMs, () => response.destroy())
        await pipeline(file.pieces(), response, { signal: sftp.signal })
        over('whole', file.size)
      } finally {
        file.close()
      }
    })
    .catch((error: unknown) => {
      over(failed(error))
      if (!response.headersSent) throw new Refusal('not-found', { cause: error })
      response.destroy()
    })
}
