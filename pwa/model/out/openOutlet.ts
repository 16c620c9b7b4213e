import { openMemoryFile } from './memoryFile.ts'
import type { Head, OpenOutlet, Outlet } from './outlet.ts'
import { hasTemporaryFiles, openTemporaryFile } from './temporaryFile.ts'
import { type Offer, offerStream } from './workerStream.ts'

/** Milliseconds after which a browser that has not asked for an offered address will not. */
const ASKED = 10_000
/** Milliseconds for which the frame stays after the end: the browser has what it needs by then. */
const SHOWN = 5_000

/**
 * The best way out that there is: an ordinary download through the service worker, else a file in the browser's private
 * file system that is saved at its end, else memory. @param streams the worker that streams downloads, if one runs
 */
export function outlets(streams: (() => ServiceWorker | undefined) | undefined): OpenOutlet {
  return async (head) => {
    const worker = streams?.()
    const streamed = worker && (await streamedFile(offerStream(worker), head))
    if (streamed) return streamed
    return hasTemporaryFiles() ? openTemporaryFile(head) : openMemoryFile(head)
  }
}

/** Makes the browser ask for the offer, in a frame that nobody sees. Undefined where it does not. */
async function streamedFile(offer: Offer, head: Head): Promise<Outlet | undefined> {
  const frame = document.createElement('iframe')
  frame.hidden = true
  let left = false
  const asking = offer.offered.then(() => {
    if (left) return undefined
    frame.src = offer.url
    document.body.append(frame)
    return offer.asked
  })
  let late: ReturnType<typeof setTimeout> | undefined
  const begin = await Promise.race([
    asking,
    new Promise<undefined>((resolve) => {
      late = setTimeout(resolve, ASKED)
    }),
  ])
  clearTimeout(late)
  if (!begin) {
    left = true
    offer.withdraw()
    frame.remove()
    return undefined
  }
  const outlet = begin(head)
  const remove = () => setTimeout(() => frame.remove(), SHOWN)
  outlet.ended.addEventListener('abort', remove)
  return {
    ended: outlet.ended,
    write: (data) => outlet.write(data),
    close: () => outlet.close().finally(remove),
    fail: () => outlet.fail().finally(remove),
  }
}
