import { effect, type ReadonlySignal, signal } from '@preact/signals'
import type { FileInfo } from '../../shared/fileInfo.ts'
import { bounds } from '../../shared/protocol.ts'
import { askerFor, destination } from './asker.ts'
import type { EndpointView } from './endpoints.ts'
import { Failed } from './failure.ts'
import { newId } from './id.ts'
import type { Link } from './link.ts'
import type { Session, SessionPorts } from './session.ts'

export type SftpState = 'closed' | 'opening' | 'open'

/** A part of a directory; `path` is absolute. */
export interface Page {
  path: string
  files: FileInfo[]
}

interface Open {
  link: Link
  sessionId: string
}

/**
 * The files of a tab's host. It opens by itself when something is asked of it: on the connection of the tab's shell where
 * there is one, else with a login of its own. It does not outlive the socket, and opens again when asked again.
 */
export class Sftp {
  readonly #ports: SessionPorts
  readonly #session: Session
  readonly #state = signal<SftpState>('closed')
  readonly #stop: () => void
  #opening: Promise<Open> | undefined
  #unroute: () => void = () => undefined

  constructor(ports: SessionPorts, session: Session) {
    this.#ports = ports
    this.#session = session
    this.#stop = effect(() => {
      if (!ports.endpoint.value?.link.hello.value) this.#forget()
    })
  }

  get state(): ReadonlySignal<SftpState> {
    return this.#state
  }

  /**
   * Lists a directory page by page, as the server gives it; `.` is the home directory. Throws `Failed`. After an abort
   * it ends without a further page.
   */
  async *list(path: string, signal?: AbortSignal): AsyncGenerator<Page, void, undefined> {
    let cursor: string | undefined
    do {
      const { link, sessionId } = await this.#open()
      if (signal?.aborted) return
      const page = await link.ask('sftp-list', { sessionId, path, page: bounds.page, ...(cursor && { cursor }) })
      if (signal?.aborted) return
      yield { path: page.path, files: page.files }
      cursor = page.cursor
    } while (cursor !== undefined)
  }

  /** Ends it at the relay. */
  async close(): Promise<void> {
    const opening = this.#opening
    this.#forget()
    const open = await opening?.catch(() => undefined)
    if (open) await open.link.ask('sftp-disconnect', { sessionId: open.sessionId }).catch(() => undefined)
  }

  /** Lets go of it without a word to the relay. */
  dispose(): void {
    this.#stop()
    this.#forget()
  }

  #forget(): void {
    this.#unroute()
    this.#opening = undefined
    this.#state.value = 'closed'
  }

  #open(): Promise<Open> {
    if (this.#opening) return this.#opening
    const opening = this.#connect()
    this.#opening = opening
    opening.catch(() => {
      if (this.#opening === opening) this.#forget()
    })
    return opening
  }

  async #connect(): Promise<Open> {
    this.#state.value = 'opening'
    const view = this.#ports.endpoint.peek()
    if (!view) throw new Failed('relay-forgotten')
    await settled(view.link, this.#session)
    const sessionId = newId()
    this.#route(view, sessionId)
    const shell = this.#session.state.peek() === 'open' ? this.#session.sessionId : undefined
    try {
      if (shell) await view.link.ask('sftp-connect', { sessionId, session: shell })
      else await this.#login(view, sessionId)
    } catch (error) {
      this.#ports.prompts.drop(sessionId)
      throw error
    }
    this.#state.value = 'open'
    return { link: view.link, sessionId }
  }

  async #login(view: EndpointView, sessionId: string): Promise<void> {
    const { prompts, change, report } = this.#ports
    const { target } = this.#session
    const asker = { sessionId, tabId: this.#session.id, relay: view, builtInHost: undefined }
    const username = target.username ?? (await prompts.askUsername(asker, target.host, target.port ?? 22))
    if (username === undefined) throw new Failed('not-named')
    const named = { ...target, username }
    if (target.username === undefined) change((tab) => ({ ...tab, target: named }))
    await view.link.ask('sftp-connect', { sessionId, ...destination(named), interactive: true })
    prompts.connected(sessionId).catch(report)
  }

  #route(view: EndpointView, sessionId: string): void {
    this.#unroute()
    const { prompts, report } = this.#ports
    const asker = askerFor(view, sessionId, this.#session.id)
    this.#unroute = view.link.route(sessionId, {
      'sftp-disconnected': () => this.#forget(),
      'ssh-prompt': (message) => {
        prompts.ask(asker, message).catch((error: unknown) => {
          if (!(error instanceof Failed)) report(error)
        })
      },
    })
  }
}

/** Resolves once the link is online and the shell is neither on its way nor away; rejects where that cannot be hoped for. */
function settled(link: Link, session: Session): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = effect(() => {
      const online = link.state.value === 'online'
      const shell = session.state.value
      if (online && (shell === 'open' || shell === 'closed')) resolve()
      else if (link.state.value === 'refused' || session.takenElsewhere.value) {
        reject(new Failed(link.failure.peek() ?? 'relay-refused'))
      } else return
      queueMicrotask(() => stop())
    })
  })
}
