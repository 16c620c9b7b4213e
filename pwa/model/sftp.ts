import { batch, effect, type ReadonlySignal, signal } from '@preact/signals'
import { Refusal } from '../../shared/failure.ts'
import type { FileInfo } from '../../shared/fileInfo.ts'
import { fileLoad } from '../../shared/fileLoad.ts'
import {
  bounds,
  type ClientPayload,
  type FileEvent,
  type ReplyMessage,
  type ServerMessage,
} from '../../shared/protocol.ts'
import { askerFor, askingForKnown, destination } from './asker.ts'
import type { EndpointView } from './endpoints.ts'
import { Failed } from './failure.ts'
import { newId } from './id.ts'
import { Lane } from './lane.ts'
import type { Link } from './link.ts'
import { offersFor, passwordFor, withOffers } from './offers.ts'
import type { Session, SessionPorts } from './session.ts'

export type SftpState = 'closed' | 'opening' | 'open'

/** A part of a directory; `path` is absolute. */
export interface Page {
  path: string
  files: FileInfo[]
  /** There is more that cannot be listed: the bound was reached. */
  more: boolean
  /** Entries that were left out, since no file can be called so. */
  dropped: number
}

/** What an open conversation is: which session at the relay, where it begins, what the server can do and how it is had. */
export type SftpInfo = { [K in 'sessionId' | 'home' | 'extensions' | 'limits' | 'by']: NonNullable<Connected[K]> }

interface Open {
  link: Link
  sessionId: string
}

type Connected = ServerMessage<'sftp-connected'>

/** How the files are asked for; the subsystem where nothing is said. */
type Way = Pick<ClientPayload<'sftp-connect'>, 'by' | 'sudoPassword'>

/**
 * The files of a tab's host. It opens by itself when something is asked of it: on the connection of the tab's shell where
 * there is one, else with a login of its own. It does not outlive the socket, and opens again when asked again.
 */
export class Sftp {
  readonly #ports: SessionPorts
  readonly #session: Session
  readonly #state = signal<SftpState>('closed')
  readonly #info = signal<SftpInfo | undefined>(undefined)
  readonly #generation = signal(0)
  readonly #asRoot = signal(false)
  /** Counts what was forgotten: a connect that comes through after that is of no use. */
  #turn = 0
  readonly #lane = new Lane({ requests: bounds.fileRequests, bytes: bounds.fileBytes })
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

  /** What is open; undefined while nothing is, and with a relay that is too old to say. */
  get info(): ReadonlySignal<SftpInfo | undefined> {
    return this.#info
  }

  /** Whether the files are root's, by sudo on the host: then they are open until they are lost, and never open by themselves. */
  get asRoot(): ReadonlySignal<boolean> {
    return this.#asRoot
  }

  /** Counts up at each opening: a handle is good as long as this is the same. */
  get generation(): ReadonlySignal<number> {
    return this.#generation
  }

  /**
   * One request on the files. It opens by itself, and waits its turn where as much is on the way as may be. Rejects with
   * `Failed`: of the file, `no-handle` where what the handle was of has been closed, or what opening fails with.
   */
  ask<E extends FileEvent>(event: E, message: Omit<ClientPayload<E>, 'sessionId'>): Promise<ReplyMessage<E>> {
    const asRoot = this.#asRoot.peek()
    return this.#lane.run(fileLoad(event, message), async () => {
      if ('handle' in message && this.#state.peek() !== 'open') throw new Failed(new Refusal('no-handle').toFailure())
      const { link, sessionId } = await this.#open()
      // What was begun as oneself is not done as root, nor the other way.
      if (asRoot !== this.#asRoot.peek()) throw new Failed('root-ended')
      // An older relay would leave it without an answer.
      if (!link.hello.peek()?.features.includes('files')) throw new Failed('other-protocol')
      // With its session it is whole again, which TypeScript cannot follow for a type parameter.
      return link.ask(event, { ...message, sessionId } as unknown as ClientPayload<E>)
    })
  }

  /**
   * Has the relay hold a file ready for the browser itself, which may fetch it once and within a minute.
   * @param name what it is to be called on this device
   * @returns where it is; undefined where nothing is open or the relay is too old
   */
  offer(path: string, name: string): string | undefined {
    const link = this.#ports.endpoint.peek()?.link
    const sessionId = this.#info.peek()?.sessionId
    if (!link?.hello.peek()?.features.includes('offers') || sessionId === undefined) return undefined
    const id = newId()
    // A drag cannot wait: what goes wrong shows as a download that fails.
    link.ask('sftp-offer', { sessionId, id, path, name }).catch(() => undefined)
    return new URL(`/offer/${id}`, link.url).href
  }

  /**
   * Lists a directory page by page, as the server gives it; `.` is the home directory. Throws `Failed`. After an abort
   * it ends without a further page.
   */
  async *list(path: string, signal?: AbortSignal): AsyncGenerator<Page, void, undefined> {
    const { link, sessionId } = await this.#open()
    if (signal?.aborted) return
    let cursor: string | undefined
    try {
      do {
        const page = await link.ask('sftp-list', { sessionId, path, page: bounds.page, ...(cursor && { cursor }) })
        cursor = page.cursor
        if (signal?.aborted) return
        yield { path: page.path, files: page.files, more: page.more ?? false, dropped: page.dropped ?? 0 }
      } while (cursor !== undefined && !signal?.aborted)
    } finally {
      // The relay keeps so many that are under way, and no more.
      if (cursor !== undefined) link.ask('sftp-list', { sessionId, path, cursor, stop: true }).catch(() => undefined)
    }
  }

  /**
   * Opens the files as root in place of the person's own. Rejects with `Failed`, and then they are the person's own again.
   * @param password what sudo is given if it asks; it is used once and kept nowhere
   */
  async becomeRoot(password: string): Promise<void> {
    this.#asRoot.value = true
    await this.close()
    const opening = this.#connect({ by: 'sudo', ...(password && { sudoPassword: password }) })
    this.#opening = opening
    try {
      await opening
    } catch (error) {
      if (this.#opening === opening) {
        this.#forget()
        this.#asRoot.value = false
      }
      throw error
    }
  }

  /** Closes the files as root; the next request opens the person's own. */
  async becomeYourself(): Promise<void> {
    await this.close()
    this.#asRoot.value = false
  }

  /** Ends it at the relay; the next request opens it in the way that the tab says then. */
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
    this.#turn++
    this.#unroute()
    this.#opening = undefined
    this.#info.value = undefined
    this.#state.value = 'closed'
  }

  #open(): Promise<Open> {
    if (this.#opening) return this.#opening
    if (this.#asRoot.peek()) return Promise.reject(new Failed('root-ended'))
    const { filesBy } = this.#ports.tab.peek().view
    const opening = this.#connect(filesBy ? { by: filesBy } : {})
    this.#opening = opening
    opening.catch(() => {
      if (this.#opening === opening) this.#forget()
    })
    return opening
  }

  async #connect(way: Way): Promise<Open> {
    const turn = this.#turn
    this.#state.value = 'opening'
    const view = this.#ports.endpoint.peek()
    if (!view) throw new Failed('relay-forgotten')
    await settled(view.link, this.#session)
    const sessionId = newId()
    const refused = this.#route(view, sessionId)
    const shell = this.#session.state.peek() === 'open' ? this.#session.sessionId : undefined
    let connected: Connected | undefined
    try {
      connected = shell === undefined ? undefined : await shares(view.link, sessionId, shell, way)
      connected ??= await this.#login(view, sessionId, refused, way)
    } catch (error) {
      this.#ports.prompts.drop(sessionId)
      throw error
    }
    const { home, extensions, limits, by } = connected
    if (turn !== this.#turn || (way.by === 'sudo' && by !== 'sudo')) {
      await view.link.ask('sftp-disconnect', { sessionId }).catch(() => undefined)
      // A relay that knows nothing of sudo has opened the person's own.
      throw new Failed(turn === this.#turn ? 'other-protocol' : new Refusal('no-session').toFailure())
    }
    batch(() => {
      this.#generation.value++
      this.#info.value =
        home === undefined || !extensions || !limits || !by ? undefined : { sessionId, home, extensions, limits, by }
      this.#state.value = 'open'
    })
    return { link: view.link, sessionId }
  }

  /** @param refused rejects where this page refuses a signature */
  async #login(view: EndpointView, sessionId: string, refused: Promise<never>, by: Way): Promise<Connected> {
    const { beside, host, identities, prompts, change, report } = this.#ports
    const { target } = this.#session
    const asker = { sessionId, tabId: this.#session.id, relay: view }
    const username = target.username ?? (await prompts.askUsername(asker, target.host, target.port ?? 22))
    if (username === undefined) throw new Failed('not-named')
    const named = { ...target, username }
    if (target.username === undefined) change((tab) => ({ ...tab, target: named }))
    const offers = offersFor(named, host(), identities)
    const way = await askingForKnown(withOffers(destination(named), offers), prompts, view.id)
    prompts.begin(sessionId, offers)
    const near = beside(named)
    const connect = { sessionId, ...way, ...by, ...(near !== undefined && { session: near }), interactive: true }
    const connected = await Promise.race([view.link.ask('sftp-connect', connect), refused])
    prompts.connected(sessionId).catch(report)
    return connected
  }

  /** @returns what rejects where this page refuses a signature */
  #route(view: EndpointView, sessionId: string): Promise<never> {
    this.#unroute()
    const { host, identities, prompts, report } = this.#ports
    let fail: (error: unknown) => void = () => undefined
    const refused = new Promise<never>((_, reject) => {
      fail = reject
    })
    // It may come to nothing that anybody waits for.
    refused.catch(() => undefined)
    const { target } = this.#session
    const asker = askerFor(view, sessionId, this.#session.id, target, {
      agentKeys: () => [],
      password: (at) => passwordFor(target, host(), identities, at),
      fail,
    })
    const unroute = view.link.route(sessionId, {
      'sftp-disconnected': () => this.#forget(),
      'ssh-host-keys': (message) => void prompts.announced(asker, message).catch(report),
      'ssh-prompt': (message) => {
        prompts.ask(asker, message).catch((error: unknown) => {
          if (!(error instanceof Failed)) report(error)
        })
      },
    })
    this.#unroute = () => {
      unroute()
      prompts.drop(sessionId)
    }
    return refused
  }
}

/** Opens on the connection of a shell. Undefined where that takes no more: `MaxSessions` of OpenSSH is 10. */
async function shares(link: Link, sessionId: string, shell: string, way: Way): Promise<Connected | undefined> {
  try {
    return await link.ask('sftp-connect', { sessionId, session: shell, ...way })
  } catch (error) {
    if (error instanceof Failed && error.failure.code === 'too-many-sessions') return undefined
    throw error
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
