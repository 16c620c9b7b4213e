import { newId } from '../id.ts'
import type { RemoteFile } from './remoteFile.ts'

/** Bytes that are read for one question; as in `pwa/sw/media.ts`, which asks. */
const most = 1024 * 1024

/** An address from which a player of this page has a file of the host in ranges, by way of the service worker. */
export class RangeSource {
  readonly url: string
  readonly #close: () => void

  /** @returns undefined where no service worker is in charge of the page: in the extension, on a first visit, on plain http */
  static open(file: RemoteFile, size: number, type: string): RangeSource | undefined {
    const workers = globalThis.navigator?.serviceWorker as ServiceWorkerContainer | undefined
    return workers?.controller ? new RangeSource(workers, file, size, type) : undefined
  }

  private constructor(workers: ServiceWorkerContainer, file: RemoteFile, size: number, type: string) {
    const id = newId()
    this.url = `/media/${id}`
    const heard = ({ data, ports }: MessageEvent) => {
      if (data?.type !== 'read-media' || data.id !== id) return
      const { offset, length } = data
      if (!isCount(offset) || !isCount(length)) return
      file.read(offset, Math.min(length, most, Math.max(0, size - offset))).then(
        (read) => ports[0]?.postMessage({ data: read, size, type }),
        // The player says that it cannot go on.
        () => ports[0]?.postMessage({}),
      )
    }
    workers.addEventListener('message', heard)
    workers.startMessages()
    this.#close = () => workers.removeEventListener('message', heard)
  }

  close(): void {
    this.#close()
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
