import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Target } from '../../../shared/target.ts'
import { type Browser, openBrowser, until } from '../../harness/browser.ts'
import { startTestRelay, type TestRelay } from '../../harness/relay.ts'

const target = (host: string): Target => ({ scheme: 'ssh', host, port: 1, username: 'me', jump: [] })

describe('tabs', () => {
  let relay: TestRelay
  const browsers: Browser[] = []

  beforeAll(async () => {
    relay = await startTestRelay()
  })
  afterEach(async () => {
    for (const browser of browsers.splice(0)) await browser.close()
  })
  afterAll(() => relay.close())

  async function browse(name: string = randomUUID()): Promise<Browser> {
    const browser = await openBrowser(name, { relay: relay.url })
    browsers.push(browser)
    await browser.online()
    return browser
  }

  const labels = ({ app }: Browser) => app.tabs.tabs.value.map(({ title }) => title.value)

  it('are opened at the end, moved, named and closed, and the neighbour is shown', async () => {
    const browser = await browse()
    const { tabs } = browser.app
    const [one, two, three] = ['one', 'two', 'three'].map((host) => tabs.open(target(host)))
    if (!one || !two || !three) throw new Error('no tabs')
    expect(tabs.active.value).toBe(three.id)
    tabs.move(three.id, 0)
    tabs.move(one.id, 9)
    expect(tabs.tabs.value.map(({ id }) => id)).toEqual([three.id, two.id, one.id])
    tabs.rename(two.id, '  mine ')
    expect(labels(browser)[1]).toBe('mine')
    tabs.rename(two.id, undefined)
    expect(labels(browser)[1]).toBe('me@two:1')
    two.session.directory.value = '/srv'
    expect(labels(browser)[1]).toBe('me@two:1: /srv')
    tabs.activate(two.id)
    await tabs.close(two.id)
    expect(tabs.active.value).toBe(one.id)
    tabs.activate(undefined)
    await tabs.close(one.id)
    expect(tabs.active.value).toBeUndefined()
  })

  it('come back after a reload, closed where nothing is left of their session', async () => {
    const name = randomUUID()
    const before = await browse(name)
    const { tabs } = before.app
    const one = tabs.open(target('one'))
    const two = tabs.open(target('two'))
    tabs.rename(one.id, 'first')
    tabs.change(two.id, { files: true, filesPath: '/etc' })
    tabs.activate(one.id)
    await until(() => one.session.ended.value && two.session.ended.value)
    await before.close()
    const after = await browse(name)
    expect(labels(after)).toEqual(['first', 'me@two:1'])
    expect(after.app.tabs.active.value).toBe(one.id)
    expect(after.app.tabs.tabs.value[1]?.record.value.view).toMatchObject({ files: true, filesPath: '/etc' })
    expect(after.app.tabs.tabs.value[0]?.session.state.value).toBe('closed')
  })

  it('are the same in two windows', async () => {
    const name = randomUUID()
    const [one, other] = [await browse(name), await browse(name)]
    const tab = one.app.tabs.open(target('host'))
    await until(() => other.app.tabs.tabs.value.length === 1)
    one.app.tabs.rename(tab.id, 'named there')
    await until(() => labels(other)[0] === 'named there')
    await other.app.tabs.close(tab.id)
    await until(() => one.app.tabs.tabs.value.length === 0)
    expect(one.app.tabs.active.value).toBeUndefined()
  })

  it('remember their hosts, which can be saved; a saved one keeps its view', async () => {
    const browser = await browse()
    const { tabs, hosts } = browser.app
    const tab = tabs.open(target('host'))
    const recent = await until(() => hosts.recent.value[0])
    expect(recent).toMatchObject({ label: 'me@host:1', saved: false })
    await until(() => tab.record.value.hostId === recent.id)
    await hosts.save(recent.id)
    expect(hosts.recent.value).toEqual([])
    tabs.change(tab.id, { files: true, width: 400 })
    await until(() => hosts.saved.value[0]?.filesWidth === 400)
    const again = tabs.open(target('host'), { hostId: recent.id })
    expect(again.record.value.view).toMatchObject({ files: true, width: 400 })
    await hosts.forget(recent.id)
    expect(hosts.saved.value).toEqual([])
  })

  it('the oldest of more than twenty hosts that were not saved is forgotten', async () => {
    const browser = await browse()
    const { hosts, endpoints } = browser.app
    const id = endpoints.list.value[0]?.id ?? ''
    for (let at = 0; at < 22; at++) await hosts.used(target(`host${at}`), id)
    expect(hosts.recent.value).toHaveLength(20)
  })

  it('cannot be opened without a relay', async () => {
    const browser = await openBrowser(randomUUID())
    browsers.push(browser)
    expect(() => browser.app.tabs.open(target('host'))).toThrow('There is no relay to connect through')
  })
})
