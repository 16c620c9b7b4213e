import type { ServerMessage } from '../../shared/protocol.ts'

/** What a server on the way has announced. */
export type Announcement = ServerMessage<'ssh-host-keys'>

/** A host whose key was accepted in a connect, by what is known or by the person. */
export interface MetHost {
  /** See `knownHostId`. */
  id: string
  host: string
  port: number
  type: string
  key: string
  /** Accepted by the person and not kept yet. */
  fresh: boolean
  /** The SSH session id, base64, that this browser has checked itself for a signature. */
  sshSessionId?: string
}

/** What the connect of one session has met on its way. */
export class MetHosts {
  /** By known-host id. */
  readonly hosts = new Map<string, MetHost>()
  /** The prompts about hosts whose key the person was asked about: once a connect, whatever the relay says. */
  readonly askedAbout = new Map<string, string>()
  /** Announcements that came before the connect was through. */
  readonly announced: Announcement[] = []
  connected = false
  /** The person has ended the attempt: nothing more is asked for it. */
  cancelled = false
  readonly tabId: string
  readonly relay: { id: string; label: string; url: string }

  constructor(tabId: string, relay: MetHosts['relay']) {
    this.tabId = tabId
    this.relay = relay
  }
}
