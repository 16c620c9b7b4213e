import { randomUUID } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { Endings } from '../../../pwa/model/endings.ts'
import { type Browser, openBrowser, until } from '../../harness/browser.ts'
import { startTestRelay } from '../../harness/relay.ts'
import { freePort } from '../../harness/sshd.ts'

const browsers: Browser[] = []

afterEach(async () => {
  for (const browser of browsers.splice(0)) await browser.close()
})

async function browse(relay: string): Promise<Browser> {
  const browser = await openBrowser(randomUUID(), { relay })
  browsers.push(browser)
  return browser
}

const ending = (id: string, epoch = 'e') => ({ id, endpointId: 'own', epoch, endedAt: Date.now() })

test('a relay that has restarted is told nothing, and one that has no such session is told once', async () => {
  const relay = await startTestRelay()
  const browser = await browse(relay.url)
  await browser.online()
  const { endings } = browser.app.store
  const epoch = browser.app.endpoints.view('own')?.link.hello.value?.epoch
  await endings.put(ending('of-before'))
  await endings.put(ending('gone', epoch))
  await until(() => endings.items.value.length === 0)
  const told = relay.events.filter(({ event }) => event === 'request').map(({ sessionId }) => sessionId)
  expect(told).toEqual(['gone'])
  expect(browser.app.trouble.value).toBeUndefined()
  await relay.close()
})

test('what no relay can hold any more is forgotten; the rest waits, at most 200', async () => {
  const browser = await browse(`http://127.0.0.1:${await freePort()}`)
  const { store, endpoints } = browser.app
  await until(() => endpoints.view('own')?.link.state.value === 'offline')
  await store.endings.put({ ...ending('old'), endedAt: Date.now() - 25 * 60 * 60 * 1000 })
  await store.endings.put({ ...ending('of-nobody'), endpointId: 'forgotten' })
  await until(() => store.endings.items.value.length === 0)
  const endings = new Endings(store, endpoints, (error) => {
    throw error
  })
  for (let at = 0; at <= 200; at++) await endings.add(ending(`s${at}`))
  expect(store.endings.items.value).toHaveLength(200)
  endings.close()
})
