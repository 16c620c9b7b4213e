import { afterEach, expect, test, vi } from 'vitest'
import { webPlatform } from '../../pwa/platform.web.ts'

afterEach(() => vi.unstubAllGlobals())

type Consume = (launch: { targetURL?: string | null }) => void

/** A page that was opened at an address, in a browser that has a launch queue. */
function openedAt(address: string) {
  const location = new URL(address) as unknown as Location & URL
  const listeners = new Map<string, () => void>()
  let consume: Consume = () => undefined
  vi.stubGlobal('location', location)
  vi.stubGlobal('navigator', { platform: 'Linux' })
  vi.stubGlobal('history', {
    state: null,
    replaceState: (_state: unknown, _title: string, to: string) => {
      location.href = new URL(to, location.href).href
    },
  })
  vi.stubGlobal('addEventListener', (event: string, listener: () => void) => listeners.set(event, listener))
  vi.stubGlobal('launchQueue', {
    setConsumer: (consumer: Consume) => {
      consume = consumer
    },
  })
  return {
    platform: webPlatform(),
    location,
    launch: (targetURL: string) => consume({ targetURL }),
    followLink(hash: string) {
      location.hash = hash
      listeners.get('hashchange')?.()
    },
  }
}

test('a later launch arrives in the window that is open; the one that opened it is not told twice', () => {
  const address = 'https://relay.example/#target=ssh%3A%2F%2Fweb1'
  const { platform, location, launch } = openedAt(address)
  expect(platform.launch).toEqual({ target: 'ssh://web1' })
  expect(location.hash).toBe('')
  launch(address)
  expect(platform.arrived?.value).toBeUndefined()
  launch('https://relay.example/#target=ssh%3A%2F%2Fweb2')
  expect(platform.arrived?.value).toEqual({ target: 'ssh://web2' })
  launch(address)
  expect(platform.arrived?.value).toEqual({ target: 'ssh://web1' })
})

test('a link that changes only the fragment arrives as well, and leaves the address bar', () => {
  const { platform, location, followLink } = openedAt('https://relay.example/')
  followLink('#token=abc&target=h')
  expect(platform.arrived?.value).toEqual({ token: 'abc', target: 'h' })
  expect(location.hash).toBe('')
})

test('a browser without a launch queue has one launch', () => {
  vi.stubGlobal('addEventListener', () => undefined)
  vi.stubGlobal('navigator', { platform: 'MacIntel' })
  vi.stubGlobal('location', new URL('https://relay.example/#target=h'))
  vi.stubGlobal('history', { state: null, replaceState: () => undefined })
  const platform = webPlatform()
  expect(platform.launch).toEqual({ target: 'h' })
  expect(platform.apple).toBe(true)
})
