import { type ReadonlySignal, signal } from '@preact/signals'
import type { Answer, OfferedKey, Prompt, ServerMessage } from '../../shared/protocol.ts'
import type { KnownKey } from '../store/schema.ts'
import { Failed } from './failure.ts'
import { newId } from './id.ts'
import { fingerprint, type KnownFor, type KnownHosts, type Verdict } from './knownHosts.ts'
import { knownHostId, type Place } from './knownHostsName.ts'
import { type Announcement, MetHosts } from './metHosts.ts'
import { plainLine, plainText } from './plainText.ts'
import type { OfferedHop, Signatures } from './signatures.ts'
import { type AgentQuestion, SignPrompts, type SignQuestion } from './signPrompts.ts'

type LoginPrompt = Extract<Prompt, { kind: 'login' }>
type HostKeyPrompt = Extract<Prompt, { kind: 'host-key' }>
type SignaturePrompt = Extract<Prompt, { kind: 'sign' | 'agent-sign' }>

/** A host key that is not known, with what is. */
export interface HostKeyQuestion extends HostKeyPrompt {
  /**
   * `changed`: other keys are known for this host, so it may be another machine; it cannot be accepted before `forget`.
   * `revoked`: it cannot be accepted at all. `announced`: the host has said before that it has this key.
   */
  judgement: Exclude<Verdict['judgement'], 'known'>
  known: readonly (KnownFor & { fingerprint: string })[]
  /** Other hosts for which the very same key is known. */
  elsewhere: readonly string[]
}

/** Asked by the app itself, before it can ask a relay for anything. */
export interface UsernameQuestion {
  kind: 'username'
  host: string
  port: number
}

type Question =
  | HostKeyQuestion
  | UsernameQuestion
  | SignQuestion
  | AgentQuestion
  | Exclude<Prompt, HostKeyPrompt | SignaturePrompt>
/** `agreed`: to a signature. */
export type PromptAnswer = Answer | { kind: 'username'; username: string } | { kind: 'agreed' }

/** A question that waits for the person. */
export interface OpenPrompt {
  id: string
  tabId: string
  /** Who asks: the relay could lie, so a dialog names it. */
  relay: { id: string; label: string; url: string }
  /** Milliseconds since 1970. */
  expiresAt: number
  question: Question
}

/** What a server says without a question, or what was kept of its announcement; it waits to be read. */
export interface ServerNotice {
  id: string
  tabId: string
  relay: OpenPrompt['relay']
  host: string
  said: { kind: 'words'; title: string; text: string } | { kind: 'host-keys'; learned: readonly KnownKey[] }
}

/** The session, shell or SFTP, on whose behalf a relay asks. */
export interface Asker {
  sessionId: string
  tabId: string
  relay: OpenPrompt['relay']
  /** The hosts that the person wants to go to, first hop first: a relay may ask about no others. */
  way: readonly Place[]
  /** The relay's own SSH host, whose key came over its authenticated link. */
  builtInHost: { host: string; port: number; hostKey: string } | undefined
  /** The keys of which programs on the host may ask for signatures. */
  agentKeys(): readonly OfferedKey[]
  /** The password that is kept for a part of the way; undefined where the person is to be asked. Rejects with `Failed`. */
  password?(at: { host: string; port: number; username: string }): Promise<string> | undefined
  /** Rejects with `Failed`. */
  answer(promptId: string, answer: Answer): Promise<void>
  /** Ends the connect, whatever the relay does. */
  fail(error: unknown): void
}

interface Asked {
  open: OpenPrompt
  sessionId: string
  promptId: string
  /** The relay may have the answer, so what it asks next is another question. */
  answered: boolean
  answer(answer: PromptAnswer): Promise<void>
}

/** Notices of servers that are kept for the person. */
const NOTICES = 20

/**
 * The questions that wait for the person, at most one a session, oldest first. Host keys are judged here: a known one is
 * answered silently, a new one is stored once the connect that asked has succeeded. What a relay asks beyond the connect
 * that the person began is not shown.
 */
export class Prompts {
  readonly #knownHosts: KnownHosts
  readonly #report: (error: unknown) => void
  readonly #asked = signal<readonly Asked[]>([])
  readonly #open = signal<readonly OpenPrompt[]>([])
  readonly #notices = signal<readonly ServerNotice[]>([])
  readonly #met = new Map<string, MetHosts>()
  /** The newest question of each session, from its arrival on: judging takes a turn or two. */
  readonly #arrived = new Map<string, string>()
  readonly #signatures: Signatures
  readonly #signPrompts: SignPrompts

  constructor(knownHosts: KnownHosts, signatures: Signatures, report: (error: unknown) => void) {
    this.#knownHosts = knownHosts
    this.#report = report
    this.#signatures = signatures
    this.#signPrompts = new SignPrompts({
      signatures,
      hostKeys: ({ sessionId, relay }, host, port) => this.accepted(sessionId, relay.id, host, port),
      checked: ({ sessionId, relay }, host, port, id) => this.bind(sessionId, relay.id, host, port, id),
      hostsWith: (key) => knownHosts.withKey(key),
      confirm: (asker, message, question) => this.#confirm(asker, message, question),
    })
  }

  /** A person connects: the keys that are offered on the way may sign for it. */
  begin(sessionId: string, way: readonly OfferedHop[]): void {
    this.#signatures.begin(sessionId, way)
  }

  get open(): ReadonlySignal<readonly OpenPrompt[]> {
    return this.#open
  }

  get notices(): ReadonlySignal<readonly ServerNotice[]> {
    return this.#notices
  }

  /**
   * A relay's question. One that is sent again after an attach keeps its place; while one of a session waits for the person,
   * a second is not listened to. Rejects with `Failed`.
   */
  async ask(asker: Asker, message: ServerMessage<'ssh-prompt'>): Promise<void> {
    const { prompt, promptId } = message
    const { sessionId } = asker
    if (prompt.kind === 'sign' || prompt.kind === 'agent-sign') return this.#signPrompts.ask(asker, message)
    const expiresAt = Date.now() + message.expiresInMs
    const before = this.#of(sessionId)
    if (before?.promptId === promptId) {
      this.#put({
        ...before,
        answered: false,
        open: { ...before.open, expiresAt },
        answer: (answer) => this.#send(asker, promptId, answer),
      })
      return
    }
    const met = this.#meeting(asker)
    if (met.cancelled || (before && !before.answered && before.promptId !== '')) return
    if (!asker.way.some((one) => isAt(one, prompt))) return this.#refuse(asker, promptId, met)
    if (prompt.kind === 'keyboard-interactive' && prompt.prompts.length === 0) {
      const { name, instructions } = shown(prompt)
      const said = { kind: 'words', title: name.trim(), text: instructions.trim() } as const
      this.#tell({ tabId: asker.tabId, relay: asker.relay, host: prompt.host, said })
      return asker.answer(promptId, { kind: 'keyboard-interactive', responses: [] })
    }
    this.#arrived.set(sessionId, promptId)
    if (prompt.kind === 'login' && (await this.#keptPassword(asker, promptId, prompt))) return
    const question = prompt.kind === 'host-key' ? await this.#judged(asker, promptId, prompt, met) : shown(prompt)
    if (this.#arrived.get(sessionId) !== promptId) return
    if (question === 'known') return asker.answer(promptId, { kind: 'host-key', accept: true })
    if (question === 'second') return this.#refuse(asker, promptId, met)
    this.#put({
      open: { id: newId(), tabId: asker.tabId, relay: asker.relay, expiresAt, question },
      sessionId,
      promptId,
      answered: false,
      answer: (answer) => this.#send(asker, promptId, answer),
    })
  }

  /** Asks for the user name of a target that has none; undefined where the person cancels. */
  askUsername(
    asker: Pick<Asker, 'sessionId' | 'tabId' | 'relay'>,
    host: string,
    port: number,
  ): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#put({
        open: {
          id: newId(),
          tabId: asker.tabId,
          relay: asker.relay,
          expiresAt: Number.POSITIVE_INFINITY,
          question: { kind: 'username', host, port },
        },
        sessionId: asker.sessionId,
        promptId: '',
        answered: false,
        answer: async (answer) => resolve(answer.kind === 'username' ? answer.username.trim() || undefined : undefined),
      })
    })
  }

  /** Answers a prompt, once. Rejects with `Failed`; it stays open if the relay could not be reached. */
  async answer(id: string, answer: PromptAnswer): Promise<void> {
    const asked = this.#asked.peek().find((one) => one.open.id === id)
    if (!asked) return
    const { question, relay } = asked.open
    const met = this.#met.get(asked.sessionId)
    if (answer.kind === 'host-key') {
      if (question.kind !== 'host-key' || !acceptable(question)) return
      const { host, port, type, key } = question
      const hostId = knownHostId(host, port, relay.id)
      met?.hosts.set(hostId, { id: hostId, host, port, type, key, fresh: true })
    }
    if (answer.kind === 'login' && answer.identity && question.kind === 'login')
      this.#signatures.offer(asked.sessionId, question, answer.identity)
    if (answer.kind === 'cancel' && question.kind !== 'agent-sign') {
      if (met) met.cancelled = true
      this.#signatures.end(asked.sessionId)
    } else this.#signatures.prolong(asked.sessionId)
    const answered = { ...asked, answered: true }
    this.#put(answered)
    try {
      await asked.answer(answer)
    } catch (error) {
      if (!(error instanceof Failed && error.failure.code === 'relay-lost')) this.#remove(answered)
      throw error
    }
    this.#remove(answered)
  }

  /** Ends the attempt that asked. */
  cancel(id: string): Promise<void> {
    return this.answer(id, { kind: 'cancel' })
  }

  /** Forgets the keys known for the host of a prompt about a changed key, which then is about a new one. */
  async forget(id: string): Promise<void> {
    const asked = this.#asked.peek().find((one) => one.open.id === id)
    if (asked?.open.question.kind !== 'host-key') return
    const { question, relay } = asked.open
    if (question.judgement !== 'changed' || question.known.length === 0) return
    await this.#knownHosts.forgetHost(question.host, question.port, relay.id)
    const { judgement } = await this.#knownHosts.judge(question.host, question.port, relay.id, question.key)
    if (judgement === 'new')
      this.#put({ ...asked, open: { ...asked.open, question: { ...question, judgement, known: [] } } })
  }

  /** The host key algorithms to ask a host for; undefined where nothing is known of it. */
  hostKeyAlgorithms(host: string, port: number, relayId: string): Promise<string[] | undefined> {
    return this.#knownHosts.algorithms(host, port, relayId)
  }

  /** Whole key blobs, base64, of a host that were accepted in the connect of a session, known ones and new ones. */
  accepted(sessionId: string, relayId: string, host: string, port: number): readonly string[] {
    const met = this.#met.get(sessionId)?.hosts.get(knownHostId(host, port, relayId))
    return met ? [met.key] : []
  }

  /** This browser has checked, for a signature, that the SSH session of a host has this id (base64) and the accepted key. */
  bind(sessionId: string, relayId: string, host: string, port: number, sshSessionId: string): void {
    const met = this.#met.get(sessionId)?.hosts.get(knownHostId(host, port, relayId))
    if (met) met.sshSessionId = sshSessionId
  }

  /** What a server on the way has announced; looked at once the session is connected. */
  async announced(asker: Asker, message: Announcement): Promise<void> {
    const met = this.#met.get(asker.sessionId)
    const place = asker.way[message.hop]
    if (!met || met.cancelled || !place || !isAt(place, message)) return
    if (met.connected) await this.#learn(met, message)
    else if (met.announced.length < asker.way.length) met.announced.push(message)
  }

  /** The session is connected, which proves the keys it accepted: they become known. Rejects with `StoreFailure`. */
  async connected(sessionId: string): Promise<void> {
    this.#close(sessionId)
    this.#signatures.end(sessionId)
    const met = this.#met.get(sessionId)
    if (!met || met.connected) return
    met.connected = true
    for (const host of met.hosts.values()) {
      if (!host.fresh) continue
      host.fresh = false
      await this.#knownHosts.add(host.id, host.type, host.key, met.relay.id)
    }
    for (const message of met.announced.splice(0)) await this.#learn(met, message)
  }

  /** The session is over, or another window has it: what it asked does not matter any more. */
  drop(sessionId: string): void {
    this.#met.delete(sessionId)
    this.#close(sessionId)
    this.#signatures.end(sessionId)
    this.#signPrompts.drop(sessionId)
  }

  /** The person has read it. */
  dismiss(noticeId: string): void {
    this.#notices.value = this.#notices.peek().filter(({ id }) => id !== noticeId)
  }

  #close(sessionId: string): void {
    this.#arrived.delete(sessionId)
    const asked = this.#of(sessionId)
    if (!asked) return
    this.#remove(asked)
    if (isOwn(asked.open.question)) void asked.answer({ kind: 'cancel' })
  }

  /** What a relay asks that is no part of the connect: the attempt ends, and the person hears of it. */
  async #refuse(asker: Asker, promptId: string, met: MetHosts): Promise<void> {
    met.cancelled = true
    this.#report(new Failed('relay-strays'))
    await asker.answer(promptId, { kind: 'cancel' })
  }

  async #learn(met: MetHosts, message: Announcement): Promise<void> {
    const { relay, tabId } = met
    const id = knownHostId(message.host, message.port, relay.id)
    const host = met.hosts.get(id)
    if (!host) return
    const { provenKeys } = await import('./knownHostsProof.ts')
    const keys = await provenKeys(message)
    const bound = host.sshSessionId === message.sshSessionId
    const learned = await this.#knownHosts.learn({ id, endpointId: relay.id, shown: host.key, bound }, keys)
    if (learned.length === 0) return
    this.#tell({ tabId, relay, host: plainLine(message.host, 1024), said: { kind: 'host-keys', learned } })
  }

  #tell(notice: Omit<ServerNotice, 'id'>): void {
    if (notice.said.kind === 'words' && !notice.said.title && !notice.said.text) return
    this.#notices.value = [...this.#notices.peek(), { id: newId(), ...notice }].slice(-NOTICES)
  }

  #meeting({ sessionId, tabId, relay }: Asker): MetHosts {
    const met = this.#met.get(sessionId) ?? new MetHosts(tabId, relay)
    this.#met.set(sessionId, met)
    return met
  }

  #of(sessionId: string): Asked | undefined {
    return this.#asked.peek().find((one) => one.sessionId === sessionId)
  }

  #put(asked: Asked): void {
    const all = this.#asked.peek()
    const at = all.findIndex((one) => one.sessionId === asked.sessionId)
    this.#show(at < 0 ? [...all, asked] : all.with(at, asked))
  }

  #remove(asked: Asked): void {
    this.#show(this.#asked.peek().filter((one) => one.open.id !== asked.open.id))
  }

  #show(all: readonly Asked[]): void {
    this.#asked.value = all
    this.#open.value = all.map((one) => one.open)
  }

  /** `second` where the relay shows another key for a host about which the person has been asked in this very connect. */
  async #judged(
    asker: Asker,
    promptId: string,
    prompt: HostKeyPrompt,
    met: MetHosts,
  ): Promise<HostKeyQuestion | 'known' | 'second'> {
    const { builtInHost, relay } = asker
    const id = knownHostId(prompt.host, prompt.port, relay.id)
    const before = met.hosts.get(id)
    const builtIn = builtInHost && asker.way.length === 1 && isAt(builtInHost, prompt)
    if (builtIn ? builtInHost.hostKey === prompt.key : before?.key === prompt.key) return 'known'
    const verdict = await this.#knownHosts.judge(prompt.host, prompt.port, relay.id, prompt.key)
    const { host, port, key } = prompt
    if (before || (met.askedAbout.get(id) ?? promptId) !== promptId) return 'second'
    if (verdict.judgement === 'known' && !builtIn) {
      met.hosts.set(id, { id, host, port, type: plainLine(prompt.type, 64), key, fresh: false })
      return 'known'
    }
    const question = await describe(prompt, verdict, builtIn === true)
    met.askedAbout.set(id, promptId)
    return question
  }

  /** Asks whether to sign; false too where the question runs out or another one of the session is open. */
  #confirm(
    { sessionId, tabId, relay }: Asker,
    { promptId, expiresInMs }: ServerMessage<'ssh-prompt'>,
    question: SignQuestion | AgentQuestion,
  ): Promise<boolean> {
    if (this.#of(sessionId)) return Promise.resolve(false)
    return new Promise((resolve) => {
      const asked: Asked = {
        open: { id: newId(), tabId, relay, expiresAt: Date.now() + expiresInMs, question },
        sessionId,
        promptId,
        answered: false,
        async answer({ kind }) {
          clearTimeout(timer)
          resolve(kind === 'agreed')
        },
      }
      const timer = setTimeout(() => {
        this.#remove(asked)
        resolve(false)
      }, expiresInMs)
      this.#put(asked)
    })
  }

  /** Answers a first question for a login with the kept password; a vault that stays locked leaves it to the person. */
  async #keptPassword(asker: Asker, promptId: string, prompt: LoginPrompt): Promise<boolean> {
    if (prompt.refused > 0 || prompt.methods.every((method) => method === 'publickey')) return false
    const password = await asker.password?.(prompt)?.catch((error: unknown) => {
      if (error instanceof Failed) return undefined
      throw error
    })
    if (password === undefined) return false
    if (this.#arrived.get(asker.sessionId) !== promptId) return true
    this.#signatures.prolong(asker.sessionId)
    await asker.answer(promptId, { kind: 'login', password })
    return true
  }

  async #send(asker: Asker, promptId: string, answer: PromptAnswer): Promise<void> {
    if (answer.kind !== 'username' && answer.kind !== 'agreed') await asker.answer(promptId, answer)
  }
}

/** Whether a question is the app's own, so that no relay waits for the answer itself. */
function isOwn({ kind }: Question): boolean {
  return kind === 'username' || kind === 'sign' || kind === 'agent-sign'
}

function isAt(place: Place, { host, port }: Place): boolean {
  return place.host === host && place.port === port
}

/** Whether a question about a host key may be answered with yes. */
function acceptable({ judgement }: HostKeyQuestion): boolean {
  return judgement === 'new' || judgement === 'announced'
}

async function describe(prompt: HostKeyPrompt, verdict: Verdict, builtIn: boolean): Promise<HostKeyQuestion> {
  const { judgement, known, elsewhere } = verdict
  return {
    ...prompt,
    host: plainLine(prompt.host, 1024),
    type: plainLine(prompt.type, 64),
    // The relay's word for it is taken only where this page cannot compute it.
    fingerprint: (await fingerprint(prompt.key)) ?? plainLine(prompt.fingerprint, 64),
    judgement: builtIn || judgement === 'known' ? 'changed' : judgement,
    known: await Promise.all(
      (builtIn ? [] : known).map(async (one) => ({ ...one, fingerprint: (await fingerprint(one.key)) ?? '' })),
    ),
    elsewhere,
  }
}

/** A question in which the server's own words are safe to show. */
function shown<P extends Exclude<Prompt, HostKeyPrompt | SignaturePrompt>>(prompt: P): P {
  switch (prompt.kind) {
    case 'keyboard-interactive':
      return {
        ...prompt,
        name: plainLine(prompt.name, 256),
        instructions: plainText(prompt.instructions, 4096),
        prompts: prompt.prompts.map(({ text, echo }) => ({ text: plainText(text, 1024), echo })),
      }
    case 'login':
      return { ...prompt, ...(prompt.problem !== undefined && { problem: plainLine(prompt.problem, 256) }) }
    case 'password-change':
      return { ...prompt, message: plainText(prompt.message, 4096) }
    default:
      return prompt
  }
}
