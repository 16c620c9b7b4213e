import axe from 'axe-core'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { scenes } from './scenes.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await setStage()
})

afterEach(() => stage.close())

/** What axe-core finds on the page as it stands; the terminal's own colours are those of the program in it. */
async function findings(page: Page, rules: readonly string[]): Promise<string[]> {
  // Injected past the page's policy, as a browser's own tools are.
  await page.evaluate(`${axe.source}; void 0`)
  return page.evaluate(async (only) => {
    // `axe` is what the script above has just defined.
    const { axe } = window as unknown as { axe: typeof import('axe-core') }
    const { violations } = await axe.run(
      { exclude: ['.xterm'] },
      { resultTypes: ['violations'], ...(only.length && { runOnly: [...only] }) },
    )
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`))
  }, rules)
}

/** Plays every screen, in both themes, and collects what axe finds, by the screen's name. */
async function look(options: BrowserContextOptions): Promise<Record<string, string[]>> {
  const { page } = await stage.open(options)
  const found: Record<string, string[]> = {}
  const violations: string[] = []
  page.on('console', (message) => {
    if (/Content Security Policy|TrustedHTML|TrustedScript/.test(message.text())) violations.push(message.text())
  })
  for await (const name of scenes(page, stage)) {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      // The themes differ in nothing but colour.
      const here = await findings(page, colorScheme === 'dark' ? [] : ['color-contrast'])
      if (here.length) found[`${name}, ${colorScheme}`] = here
    }
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  }
  if (violations.length) found['content security policy'] = violations
  return found
}

test('axe finds nothing on any screen in either theme, on a desktop', async () => {
  expect(await look({})).toEqual({})
}, 180_000)

test('axe finds nothing on any screen in either theme, on a phone', async () => {
  expect(await look({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true })).toEqual({})
}, 180_000)
