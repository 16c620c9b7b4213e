import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type HandOff, readHandOff } from '../../../pwa/model/handOff.ts'
import type { TabView } from '../../../pwa/model/tabs.ts'
import { type Browser, HeadlessScreen, openBrowser, until } from '../../harness/browser.ts'
import { Client } from '../../harness/client.ts'
import { startTestRelay, type TestRelay } from '../../harness/relay.ts'
import { type Sshd, startSshd } from '../../harness/sshd.ts'

let relay: TestRelay
let sshd: Sshd
const browsers: Browser[] = []
const relays: TestRelay[] = []

beforeAll(async () => {
  sshd = await startSshd()
  relay = await startTestRelay()
})
afterEach(async () => {
  for (const browser of browsers.splice(0)) await browser.close()
  for (const other of relays.splice(0)) await other.close()
})
afterAll(async () => {
  await relay.close()
  await sshd.close()
})

async function browse(name: string = randomUUID(), url: string = relay.url): Promise<Browser> {
  const browser = await openBrowser(name, { relay: url })
  browsers.push(browser)
  await browser.online()
  return browser
}

/** A shell in a tab, logged in. */
async function shell(browser: Browser, command?: string) {
  const { tab, screen } = browser.open({
    host: sshd.host,
    port: sshd.port,
    username: sshd.username,
    ...(command !== undefined && { command }),
  })
  if (browser.app.knownHosts.list.value.length === 0) {
    await browser.prompt('host-key')
    await browser.answer({ kind: 'host-key', accept: true })
  }
  // A second one may go over the connection of the first.
  const asked = () => browser.app.prompts.open.value.some(({ question }) => question.kind === 'login')
  await until(() => asked() || tab.session.state.value === 'open')
  if (asked()) await browser.answer({ kind: 'login', password: sshd.password })
  await until(() => tab.session.state.value === 'open')
  return { tab, screen, sessionId: tab.session.sessionId ?? '' }
}

async function typed(screen: HeadlessScreen, tab: TabView): Promise<void> {
  await until(() => tab.session.pendingInput.value === 0)
  expect(screen.notes).toEqual([])
}

/** What the first relay of a browser holds, once `fits` does. */
async function listed(browser: Browser, fits: (ids: readonly string[]) => boolean) {
  const stop = browser.app.heldSessions.watch()
  const sessions = await until(() => {
    const found = browser.app.heldSessions.list.value[0]?.sessions
    return found && fits(found.map(({ sessionId }) => sessionId)) && found
  })
  stop()
  return sessions
}

const linked = (link: string): HandOff => {
  const handOff = readHandOff(new URL(link).hash.replace('#handoff=', ''))
  if (!handOff) throw new Error('the link says nothing')
  return handOff
}

const own = (browser: Browser) => {
  const view = browser.app.endpoints.list.peek()[0]
  if (!view) throw new Error('no relay')
  return view
}

describe('a session whose tab is put away', () => {
  it('runs on without a socket and comes back with its screen, also after a reload', async () => {
    const name = randomUUID()
    const before = await browse(name)
    const { tab, screen, sessionId } = await shell(before)
    tab.session.input('stty -echo; word=kept; echo before\r')
    await screen.shows(/^before$/m)
    await typed(screen, tab)
    before.app.tabs.rename(tab.id, 'long work')
    tab.session.input('sleep 0.3; echo while-away\r')
    await until(() => tab.session.pendingInput.value === 0)
    await before.app.heldSessions.detach(tab.id)
    expect(before.app.tabs.tabs.value).toEqual([])
    const [away] = await listed(before, (ids) => ids.includes(sessionId))
    expect(away).toMatchObject({ attached: 'nobody', state: 'detached', keyed: true, label: 'long work' })
    await before.close()
    const after = await browse(name)
    await listed(after, (ids) => ids.includes(sessionId))
    const back = after.app.heldSessions.takeUp(sessionId)
    const again = new HeadlessScreen(back.session)
    await again.shows('while-away')
    back.session.input('echo "still $word"\r')
    await again.shows('still kept')
    expect(back.title.value).toBe('long work')
    expect(again.text().match(/^before$/gm)).toHaveLength(1)
    await until(() => after.app.store.held.items.value.length === 0)
  })

  it('is not put away while what was typed has not arrived', async () => {
    const browser = await browse()
    const { tab } = await shell(browser, 'stty raw -echo; sleep 60')
    tab.session.input('x'.repeat(4_000_000))
    await expect(browser.app.heldSessions.detach(tab.id)).rejects.toThrow('Not all that was typed')
    expect(browser.app.tabs.tabs.value).toHaveLength(1)
  })

  it('says how it ended meanwhile, and shows its last screen until it is dismissed', async () => {
    const [browser, there] = [await browse(), await browse()]
    const { tab, screen, sessionId } = await shell(browser, 'echo last words; sleep 60')
    await screen.shows('last words')
    await browser.app.heldSessions.detach(tab.id)
    await there.app.heldSessions.end(own(there).id, sessionId)
    const ended = () => browser.app.heldSessions.list.value[0]?.ended ?? []
    const stop = browser.app.heldSessions.watch()
    const [over] = await until(() => ended().length > 0 && ended())
    stop()
    expect(over).toMatchObject({ sessionId, message: 'The session was ended while you were away.' })
    const view = browser.app.heldSessions.takeUp(sessionId)
    const again = new HeadlessScreen(view.session)
    await again.shows('last words')
    expect(view.session.state.value).toBe('closed')
    expect(view.session.ended.value?.message).toBe('The session was ended while you were away.')
    await until(() => ended().length === 0)
  })

  it('is forgotten when it is ended here, and kept to be read when the relay has restarted', async () => {
    const other = await startTestRelay()
    const name = randomUUID()
    const browser = await browse(name, other.url)
    const [one, two] = [await shell(browser, 'sleep 60'), await shell(browser, 'sleep 61')]
    for (const { tab } of [one, two]) await browser.app.heldSessions.detach(tab.id)
    expect(browser.app.store.held.items.value).toHaveLength(2)
    await browser.app.heldSessions.end(own(browser).id, one.sessionId)
    const [left] = await listed(browser, (ids) => ids.length === 1)
    expect(left).toMatchObject({ sessionId: two.sessionId, detail: 'sleep 61' })
    expect(browser.app.store.held.items.value).toHaveLength(1)
    await browser.close()
    await other.close()
    relays.push(await startTestRelay({ port: other.port }))
    const after = await browse(name, other.url)
    const [over] = await until(() => {
      const ended = after.app.heldSessions.list.value[0]?.ended
      return ended?.length === 1 && ended
    })
    expect(over).toMatchObject({ sessionId: two.sessionId, message: expect.stringContaining('relay was restarted') })
    expect(await after.app.store.screens.get(two.tab.id)).toBeDefined()
    after.app.heldSessions.dismiss(two.sessionId)
    await until(() => after.app.store.held.items.value.length === 0)
    await expect.poll(() => after.app.store.screens.get(two.tab.id)).toBeUndefined()
  })
})

describe('the sessions that are kept', () => {
  it('are thirty-two at most: the one that was put away first makes room', async () => {
    const browser = await browse()
    const { tab, sessionId } = await shell(browser, 'sleep 60')
    const record = tab.record.value
    if (!record.session) throw new Error('no session')
    const { held } = browser.app.store
    for (let at = 1; at <= 32; at++) {
      const session = { ...record.session, sessionId: `old-${at}` }
      await held.put({ id: `old-${at}`, heldAt: at, tab: { ...record, id: `tab-${at}`, session } })
    }
    await browser.app.heldSessions.detach(tab.id)
    await until(() => held.items.value.length === 32)
    const ids = held.items.value.map(({ id }) => id)
    expect(ids).toContain(sessionId)
    expect(ids).not.toContain('old-1')
  })
})

describe('the sessions that a relay holds', () => {
  it('are locked after ten wrong keys, and whoever has one is told', async () => {
    const here = await browse()
    const { tab, sessionId } = await shell(here)
    const thief = await Client.open(relay.url)
    for (let guess = 0; guess < 10; guess++) {
      const asked = thief.ask('ssh-attach', { sessionId, offset: 0, signature: new Uint8Array(64) })
      await expect(asked).rejects.toThrow('attach-refused')
    }
    thief.close()
    await until(() => here.app.trouble.value?.code === 'attach-locked')
    expect(tab.session.state.value).toBe('open')
  })

  it('are seen from another browser, which may end them and has no key to take them up', async () => {
    const [here, there] = [await browse(), await browse()]
    const { tab, sessionId } = await shell(here)
    const seen = (await listed(there, (ids) => ids.includes(sessionId))).find((one) => one.sessionId === sessionId)
    expect(seen).toMatchObject({ attached: 'elsewhere', keyed: false, tabId: undefined, username: sshd.username })
    expect(() => there.app.heldSessions.takeUp(sessionId)).toThrow('does not have the key')
    await there.app.heldSessions.end(own(there).id, sessionId)
    expect(await until(() => tab.session.ended.value)).toMatchObject({ reason: 'closed' })
    await listed(there, (ids) => !ids.includes(sessionId))
  })
})

describe('a link to a session', () => {
  it('lets one other device continue it; the first is told and takes it back', async () => {
    const [here, there] = [await browse(), await browse()]
    const { tab, screen, sessionId } = await shell(here)
    tab.session.input('stty -echo; word=carried; echo drawn-here\r')
    await screen.shows(/^drawn-here$/m)
    const link = await here.app.heldSessions.offer(tab)
    expect(new URL(link).origin).toBe(new URL(relay.url).origin)
    const view = await there.app.heldSessions.accept(own(there), linked(link))
    const other = new HeadlessScreen(view.session)
    await other.shows('drawn-here')
    await until(() => tab.session.takenElsewhere.value)
    await until(() => view.session.state.value === 'open')
    view.session.input('echo "there $word"\r')
    await other.shows('there carried')
    expect(view.record.value.target).toMatchObject({ host: sshd.host, port: sshd.port, username: sshd.username })
    expect(view.record.value.session?.attachKey?.extractable).toBe(false)
    tab.session.takeBack()
    await until(() => view.session.takenElsewhere.value)
    await until(() => tab.session.state.value === 'open')
    tab.session.input('echo "back $word"\r')
    await screen.shows('back carried')
    expect(tab.session.sessionId).toBe(sessionId)
  })

  it('works once: the second device is told, and one made later ends it', async () => {
    const [here, there, third] = [await browse(), await browse(), await browse()]
    const { tab } = await shell(here)
    const former = linked(await here.app.heldSessions.offer(tab))
    const link = linked(await here.app.heldSessions.offer(tab))
    await expect(there.app.heldSessions.accept(own(there), former)).rejects.toThrow('has been used')
    await there.app.heldSessions.accept(own(there), link)
    await expect(third.app.heldSessions.accept(own(third), link)).rejects.toThrow('has been used')
    expect(third.app.tabs.tabs.value).toEqual([])
  })

  it('says so where the session has ended, or is another relay’s', async () => {
    const [here, there] = [await browse(), await browse()]
    const { tab } = await shell(here)
    const link = linked(await here.app.heldSessions.offer(tab))
    await expect(there.app.heldSessions.accept(own(there), { ...link, epoch: randomUUID() })).rejects.toThrow(
      'has ended',
    )
    await here.app.tabs.close(tab.id)
    await expect(there.app.heldSessions.accept(own(there), link)).rejects.toThrow('has ended')
  })

  it('is where it came from only a way to its own tab', async () => {
    const here = await browse()
    const { tab } = await shell(here)
    const link = linked(await here.app.heldSessions.offer(tab))
    here.app.tabs.activate(undefined)
    expect((await here.app.heldSessions.accept(own(here), link)).id).toBe(tab.id)
    expect(here.app.tabs.active.value).toBe(tab.id)
    expect(here.app.tabs.tabs.value).toHaveLength(1)
  })

  it('that is not whole is none', () => {
    const key = 'k'.repeat(129)
    expect(readHandOff(`abc.def.${key}`)).toEqual({ sessionId: 'abc', epoch: 'def', key })
    for (const wrong of ['', 'abc', `abc.def.${key}k`, `abc.def.${key.slice(1)}`, `a/b.def.${key}`, `.def.${key}`]) {
      expect(readHandOff(wrong)).toBeUndefined()
    }
  })
})
