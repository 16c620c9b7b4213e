import { argon2id } from 'hash-wasm'
import { chromium, type Page } from 'playwright-core'
import { interleave, median } from './figures.ts'
import type { Row } from './report.ts'
import type { Stage } from './stage.ts'

const passphrase = 'four random words here'

/** From the click to the open vault, against Argon2id alone, which a passphrase costs whoever guesses it too. */
export async function vault({ startRelay, rounds }: Stage): Promise<Row[]> {
  const relay = await startRelay()
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--disable-background-networking'],
  })
  try {
    const page = await browser.newPage()
    await page.goto(relay.launchUrl)
    await setUp(page)
    const times = await interleave(rounds, [{ name: 'argon2id' }, { name: 'vault' }], async ({ name }) => [
      name === 'vault' ? await unlock(page) : await derive(),
    ])
    return [
      {
        metric: 'unlock the vault',
        unit: 'ms',
        limit: { name: 'Argon2id in Node', figure: median(times.argon2id ?? []) },
        ours: median(times.vault ?? []),
        goal: { bound: 'at most', plus: 1000 },
      },
    ]
  } finally {
    await browser.close()
    await relay.close()
  }
}

async function derive(): Promise<number> {
  const start = performance.now()
  const salt = new Uint8Array(16)
  await argon2id({ password: passphrase, salt, memorySize: 65_536, iterations: 3, parallelism: 1, hashLength: 32 })
  return performance.now() - start
}

async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press('Control+Shift+P')
  await page.getByRole('combobox').fill(title)
  await page.getByRole('option', { name: title }).first().click()
}

async function setUp(page: Page): Promise<void> {
  await page.getByLabel('Host, ssh command or link').waitFor()
  await command(page, 'Set up a vault')
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase)
  await page.getByLabel('The same again').fill(passphrase)
  await page.getByRole('button', { name: 'Set up' }).click()
  await page.getByRole('checkbox', { name: 'I have kept it' }).check()
  await page.getByRole('button', { name: 'Done' }).click()
}

async function unlock(page: Page): Promise<number> {
  await page.getByRole('button', { name: 'Vault open' }).click()
  await page.getByRole('button', { name: 'Vault locked' }).click()
  await page.getByLabel('Passphrase').fill(passphrase)
  return page.evaluate(async () => {
    const start = performance.now()
    document.querySelector<HTMLElement>('dialog[open] button[type=submit]')?.click()
    await new Promise<void>((resolve) => {
      const look = () => (document.querySelector('dialog[open]') ? requestAnimationFrame(look) : resolve())
      look()
    })
    return performance.now() - start
  })
}
